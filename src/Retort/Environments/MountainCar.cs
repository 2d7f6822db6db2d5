namespace Retort.Environments;

/// <summary>Options of <see cref="MountainCar"/>.</summary>
public sealed record MountainCarOptions : EnvironmentOptions
{
    public override ControlEnvironment Build() => new MountainCar();
}

/// <summary>
/// A car in a valley whose engine is too weak for the slope: <c>MountainCarContinuous-v0</c> of Gymnasium. To stand
/// still scores 0, and only the goal is worth more.
/// </summary>
public sealed class MountainCar : ControlEnvironment
{
    const double Left = -1.2;
    const double Right = 0.6;
    const double MostSpeed = 0.07;
    const double Goal = 0.45;
    const double Power = 0.0015;
    const double Slope = 0.0025;

    readonly double[] _state = [-0.5, 0];                                   // position, velocity

    public override string Name => "mountain-car-continuous";

    public override IReadOnlyList<string> Observations { get; } = ["position", "velocity"];

    public override ActionSpace Actions { get; } = ActionSpace.Box(-1, 1, "force");

    public override int TimeLimit => 999;

    public override Span<double> State => _state;

    public override void Reset(ref RandomStream random)
    {
        _state[0] = random.Uniform(-0.6, -0.4);
        _state[1] = 0;
    }

    public override StepOutcome Step(ReadOnlySpan<double> action)
    {
        var force = Math.Clamp(action[0], -1, 1);
        var velocity = _state[1] + force * Power - Slope * Math.Cos(3 * _state[0]);
        velocity = Math.Clamp(velocity, -MostSpeed, MostSpeed);
        var position = Math.Clamp(_state[0] + velocity, Left, Right);
        if (position == Left && velocity < 0) velocity = 0;

        var isAtGoal = position >= Goal && velocity >= 0;
        _state[0] = (float)position;                                        // Gymnasium keeps the state in float32
        _state[1] = (float)velocity;
        return new((isAtGoal ? 100 : 0) - 0.1 * action[0] * action[0], isAtGoal);
    }

    public override void Observe(Span<double> into) => _state.CopyTo(into);

    public override EnvironmentPicture Draw(double action)
    {
        List<(double X, double Y)> valley = [];
        for (var i = 0; i <= 60; i++) valley.Add(At(Left + (Right - Left) * i / 60));
        var (x, y) = At(_state[0]);
        return new(Left, -0.1, Right - Left, 1.3,
            [new(valley, 0.01, Moves: false), new([At(Goal), (Goal, At(Goal).Y + 0.2)], 0.02, Moves: false)],
            [new(x, y + 0.05, 0.05)]);
    }

    static (double X, double Y) At(double x) => (x, Math.Sin(3 * x) * 0.45 + 0.55);
}
