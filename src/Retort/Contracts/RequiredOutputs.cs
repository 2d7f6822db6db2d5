namespace Retort.Contracts;

/// <summary>Who is asked for what; whoever is asked for nothing is not run.</summary>
/// <param name="Teacher">Of the teacher.</param>
/// <param name="Student">Of the student.</param>
/// <param name="Ema">Of the student's moving average, which the trainer keeps where it is asked for anything (<see cref="DistillationLoss.Ema"/>).</param>
public readonly record struct RequiredOutputs(OutputSet Teacher, OutputSet Student, OutputSet Ema = OutputSet.None)
{
    /// <summary>The same of teacher and student, as most papers want it.</summary>
    public static implicit operator RequiredOutputs(OutputSet both) => new(both, both);
}
