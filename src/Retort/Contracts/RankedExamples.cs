namespace Retort.Contracts;

/// <summary>Training examples with the highest values of something that a procedure measured.</summary>
/// <param name="Title">What they are, as a section's title: <c>Training examples with the most help</c>.</param>
/// <param name="Value">What was measured, as a column's title: <c>help</c>.</param>
/// <param name="Examples">In order, the highest value first.</param>
public sealed record RankedExamples(string Title, string Value, IReadOnlyList<RankedExample> Examples);

/// <summary>One of them.</summary>
/// <param name="Position">Its position in the training split.</param>
/// <param name="Id">Its id in the data set.</param>
/// <param name="Label">Its class index; -1 where it is unknown.</param>
/// <param name="Value">What was measured.</param>
public sealed record RankedExample(int Position, long Id, long Label, double Value);
