namespace Retort.Environments;

/// <summary>Options of <see cref="CartPole"/>.</summary>
public sealed record CartPoleOptions : EnvironmentOptions
{
    public override ControlEnvironment Build() => new CartPole();
}

/// <summary>
/// A pole on a cart that is pushed to the left or to the right: <c>CartPole-v1</c> of Gymnasium. Each step is worth 1,
/// until the pole falls.
/// </summary>
public sealed class CartPole : ControlEnvironment
{
    const double Gravity = 9.8;
    const double PoleMass = 0.1;
    const double Mass = 1 + PoleMass;                                       // with the cart's
    const double HalfLength = 0.5;                                          // of the pole
    const double Force = 10;
    const double Seconds = 0.02;                                            // of a step
    const double MostAngle = 12 * 2 * Math.PI / 360;
    const double MostPosition = 2.4;

    readonly double[] _state = new double[4];                               // x, ẋ, θ, θ̇

    public override string Name => "cart-pole";

    public override IReadOnlyList<string> Observations { get; } = ["position", "velocity", "angle", "angular speed"];

    public override ActionSpace Actions { get; } = ActionSpace.Discrete("left", "right");

    public override int TimeLimit => 500;

    public override Span<double> State => _state;

    public override void Reset(ref RandomStream random)
    {
        for (var i = 0; i < _state.Length; i++) _state[i] = random.Uniform(-0.05, 0.05);
    }

    public override StepOutcome Step(ReadOnlySpan<double> action)
    {
        var (x, velocity, angle, turning) = (_state[0], _state[1], _state[2], _state[3]);
        var force = action[0] == 1 ? Force : -Force;
        var (sin, cos) = (Math.Sin(angle), Math.Cos(angle));

        // Florian 2007, without friction; Euler's method
        var pushed = (force + PoleMass * HalfLength * turning * turning * sin) / Mass;
        var angular = (Gravity * sin - cos * pushed) / (HalfLength * (4.0 / 3.0 - PoleMass * cos * cos / Mass));
        var acceleration = pushed - PoleMass * HalfLength * angular * cos / Mass;
        _state[0] = x + Seconds * velocity;
        _state[1] = velocity + Seconds * acceleration;
        _state[2] = angle + Seconds * turning;
        _state[3] = turning + Seconds * angular;
        return new(1, Math.Abs(_state[0]) > MostPosition || Math.Abs(_state[2]) > MostAngle);
    }

    public override void Observe(Span<double> into)
    {
        for (var i = 0; i < _state.Length; i++) into[i] = (float)_state[i];
    }

    public override EnvironmentPicture Draw(double action)
    {
        var (x, angle) = (_state[0], _state[2]);
        return new(-MostPosition, -0.4, 2 * MostPosition, 1.8,
        [
            new([(-MostPosition, 0), (MostPosition, 0)], 0.02, Moves: false),
            new([(x - 0.25, 0), (x + 0.25, 0)], 0.25, Moves: true),
            new([(x, 0), (x + Math.Sin(angle), Math.Cos(angle))], 0.08, Moves: true),
        ], []);
    }
}
