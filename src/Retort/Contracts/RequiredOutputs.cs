namespace Retort.Contracts;

/// <summary>The outputs that a method needs. A network of which no output is needed is not run.</summary>
/// <param name="Teacher">Outputs of the teacher.</param>
/// <param name="Student">Outputs of the student.</param>
/// <param name="Ema">Outputs of the student's moving average (<see cref="DistillationLoss.Ema"/>).</param>
/// <param name="SecondView">
/// Outputs of the student for a second augmented view of the same examples (<see cref="Outputs.SecondView"/>).
/// </param>
public readonly record struct RequiredOutputs(
    OutputSet Teacher, OutputSet Student, OutputSet Ema = default, OutputSet SecondView = default)
{
    /// <summary>The same outputs of teacher and student, as most papers need them.</summary>
    public static implicit operator RequiredOutputs(OutputSet both) => new(both, both);

    /// <inheritdoc cref="op_Implicit(OutputSet)"/>
    public static implicit operator RequiredOutputs(OutputKey both) => new(both, both);
}
