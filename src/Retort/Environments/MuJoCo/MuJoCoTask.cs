using static Retort.Environments.MuJoCo.MuJoCoLibrary;

namespace Retort.Environments.MuJoCo;

/// <summary>Options of <see cref="MuJoCoTask"/>.</summary>
public sealed record MuJoCoOptions : EnvironmentOptions
{
    /// <summary>What is asked of the body.</summary>
    public enum TaskKind
    {
        /// <summary><c>HalfCheetah-v4</c>: to run.</summary>
        HalfCheetah,

        /// <summary><c>Swimmer-v4</c>: to swim.</summary>
        Swimmer,
    }

    /// <summary>The task; the model must be that of the task.</summary>
    public TaskKind Task { get; init; } = TaskKind.HalfCheetah;

    /// <summary>The model, an XML file: Gymnasium has <c>half_cheetah.xml</c> and <c>swimmer.xml</c>.</summary>
    [RecipePath] public required string Model { get; init; }

    public override ControlEnvironment Build() => new MuJoCoTask(this);

    private protected override string Content => $"{Task} {Tensors.Files.FileHash.Sha256(Model)}";
}

/// <summary>
/// A body of MuJoCo that is to move forward: the tasks of Gymnasium, version 4. It needs MuJoCo's native library.
/// </summary>
public sealed class MuJoCoTask : ControlEnvironment
{
    const int CheetahPositions = 9;
    const int SwimmerPositions = 5;

    readonly MuJoCoHandle _handle;
    readonly double[] _state;                                               // q, q̇, the solver's first guess
    readonly double[] _control;
    readonly bool _isCheetah;

    /// <exception cref="InvalidOperationException">MuJoCo is not installed.</exception>
    /// <exception cref="InvalidDataException">The model is not that of the task.</exception>
    public MuJoCoTask(MuJoCoOptions options)
    {
        _isCheetah = options.Task == MuJoCoOptions.TaskKind.HalfCheetah;
        _handle = Shared.Open(options.Model);
        var wanted = _isCheetah ? (CheetahPositions, CheetahPositions, 6) : (SwimmerPositions, SwimmerPositions, 2);
        var found = (_handle.PositionCount, _handle.VelocityCount, _handle.ControlCount);
        if (found != wanted) throw new InvalidDataException(
            $"{options.Model} must be the model of {options.Task}, with {wanted} positions, velocities and controls; "
            + $"it has {found}.");
        _state = new double[Positions + 2 * Velocities];
        _control = new double[_handle.ControlCount];
        var motors = Enumerable.Range(1, _control.Length).Select(i => Invariant($"motor {i}"));
        Actions = ActionSpace.Box(-1, 1, [.. motors]);
        Observations =
        [
            .. Enumerable.Range(Hidden + 1, Positions - Hidden).Select(i => Invariant($"position {i}")),
            .. Enumerable.Range(1, Velocities).Select(i => Invariant($"velocity {i}")),
        ];
        Read(_handle, _state);
    }

    public override string Name => _isCheetah ? "half-cheetah" : "swimmer";

    public override IReadOnlyList<string> Observations { get; }

    public override ActionSpace Actions { get; }

    public override int TimeLimit => 1000;

    public override Span<double> State => _state;

    int Positions => _handle.PositionCount;

    int Velocities => _handle.VelocityCount;

    int Hidden => _isCheetah ? 1 : 2;                                       // the place is not observed

    int FrameSkip => _isCheetah ? 5 : 4;

    double Seconds => FrameSkip * 0.01;                                     // of a step

    public override void Reset(ref RandomStream random)
    {
        Array.Clear(_state);
        for (var i = 0; i < Positions; i++) _state[i] = random.Uniform(-0.1, 0.1);
        for (var i = 0; i < Velocities; i++)
            _state[Positions + i] = _isCheetah ? 0.1 * random.Normal() : random.Uniform(-0.1, 0.1);
        Write(_handle, _state);
        Shared.Forward(_handle);
        Read(_handle, _state);
    }

    public override StepOutcome Step(ReadOnlySpan<double> action)
    {
        var before = _state[0];
        var cost = 0.0;
        foreach (var (i, number) in action.ToArray().Index())
        {
            _control[i] = number;
            cost += number * number;
        }
        Write(_handle, _state);
        Shared.Step(_handle, _control, FrameSkip);
        Read(_handle, _state);
        if (HasRestarted(_handle)) return new(double.NaN, Terminated: false);

        var forward = (_state[0] - before) / Seconds;
        return new(forward - (_isCheetah ? 0.1 : 1e-4) * cost, Terminated: false);
    }

    public override void Dispose()
    {
        _handle.Dispose();
        base.Dispose();
    }

    public override void Observe(Span<double> into) =>
        _state.AsSpan(Hidden, Positions - Hidden + Velocities).CopyTo(into);
}
