namespace Retort.Environments;

/// <summary>Options of <see cref="Pendulum"/>.</summary>
public sealed record PendulumOptions : EnvironmentOptions
{
    public override ControlEnvironment Build() => new Pendulum();
}

/// <summary>A pendulum that a torque swings up: <c>Pendulum-v1</c> of Gymnasium.</summary>
/// <remarks>The angle is 0 upright, and is not wrapped in the state.</remarks>
public sealed class Pendulum : ControlEnvironment
{
    const double Gravity = 10;
    const double Seconds = 0.05;                                            // of a step
    const double MostTorque = 2;
    const double MostSpeed = 8;

    readonly double[] _state = [Math.PI, 0];                                // θ, θ̇

    public override string Name => "pendulum";

    public override IReadOnlyList<string> Observations { get; } = ["cos angle", "sin angle", "angular speed"];

    public override ActionSpace Actions { get; } = ActionSpace.Box(-MostTorque, MostTorque, "torque");

    public override int TimeLimit => 200;

    public override Span<double> State => _state;

    public override void Reset(ref RandomStream random)
    {
        _state[0] = random.Uniform(-Math.PI, Math.PI);
        _state[1] = random.Uniform(-1, 1);
    }

    public override StepOutcome Step(ReadOnlySpan<double> action)
    {
        var (angle, speed) = (_state[0], _state[1]);
        var torque = Math.Clamp(action[0], -MostTorque, MostTorque);
        var wrapped = Wrapped(angle);
        var reward = -(wrapped * wrapped + 0.1 * speed * speed + 0.001 * torque * torque);

        // mass and length are 1
        speed += (1.5 * Gravity * Math.Sin(angle) + 3 * torque) * Seconds;
        _state[1] = Math.Clamp(speed, -MostSpeed, MostSpeed);
        _state[0] = angle + _state[1] * Seconds;
        return new(reward, Terminated: false);
    }

    public override void Observe(Span<double> into)
    {
        into[0] = Math.Cos(_state[0]);
        into[1] = Math.Sin(_state[0]);
        into[2] = _state[1];
    }

    public override EnvironmentPicture Draw(double action) => new(-1.4, -1.4, 2.8, 2.8,
        [new([(0, 0), (-Math.Sin(_state[0]), Math.Cos(_state[0]))], 0.16, Moves: true)],
        [new(0, 0, 0.06)]);

    // to [−π, π)
    static double Wrapped(double angle)
    {
        const double Turn = 2 * Math.PI;
        var shifted = (angle + Math.PI) % Turn;
        return (shifted < 0 ? shifted + Turn : shifted) - Math.PI;
    }
}
