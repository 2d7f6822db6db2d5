namespace Retort.Contracts;

/// <summary>The outputs that a method needs; a network of which nothing is required is not run.</summary>
/// <param name="Teacher">Of the teacher.</param>
/// <param name="Student">Of the student.</param>
/// <param name="Ema">Of the student's moving average (<see cref="DistillationLoss.Ema"/>).</param>
public readonly record struct RequiredOutputs(OutputSet Teacher, OutputSet Student, OutputSet Ema = default)
{
    /// <summary>The same of teacher and student, as most papers need it.</summary>
    public static implicit operator RequiredOutputs(OutputSet both) => new(both, both);

    /// <inheritdoc cref="op_Implicit(OutputSet)"/>
    public static implicit operator RequiredOutputs(OutputKey both) => new(both, both);
}
