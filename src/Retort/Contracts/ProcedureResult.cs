namespace Retort.Contracts;

/// <summary>The result of a procedure.</summary>
/// <param name="Stages">Its networks in the order in which they were finished; the last one is the student.</param>
public sealed record ProcedureResult(IReadOnlyList<Stage> Stages)
{
    /// <summary>What the procedure chose or measured, by name, such as <c>neighbors</c>; null for nothing.</summary>
    public IReadOnlyDictionary<string, double>? Figures { get; init; }

    /// <summary>What it measured from time to time; null for nothing.</summary>
    public IReadOnlyList<Curve>? Curves { get; init; }

    /// <summary>Training examples that the report shows; null for none.</summary>
    public RankedExamples? Examples { get; init; }

    /// <summary>Samples that it learned, which the report shows; null for none.</summary>
    public LearnedSamples? Learned { get; init; }
}
