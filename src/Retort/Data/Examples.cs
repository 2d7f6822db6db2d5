using System.Security.Cryptography;

namespace Retort.Data;

/// <summary>
/// A whole data set in memory, in the order of its files: training examples first, then validation, then test, then
/// those without labels. A row is an example's position in that order, and its id.
/// </summary>
public abstract class Examples
{
    /// <summary>The data set's name in reports.</summary>
    public required string Name { get; init; }

    /// <summary>What was left out of the files, and why: a sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <inheritdoc cref="Dataset.Findings"/>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>What the targets are.</summary>
    public TargetKind Targets { get; init; }

    /// <summary>The classes' names, in the order of their indices.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>
    /// Labels of 0 and 1, or values, for each example; NaN where one is unknown. Null where the targets are classes.
    /// [N][C]
    /// </summary>
    public IReadOnlyList<float[]>? KnownTargets { get; init; }

    /// <summary>Class indices; -1 where the targets are no classes, and where there is no label. [N]</summary>
    public required IReadOnlyList<int> Labels { get; init; }

    /// <summary>
    /// Which recording, say, each example was cut from: those of one are never in two splits. Null where each example
    /// stands alone. [N]
    /// </summary>
    public IReadOnlyList<int>? Groups { get; init; }

    /// <summary>What the groups are, for messages.</summary>
    public string GroupsAre { get; init; } = "recordings";

    /// <summary>How many examples the files set apart for validation; 0 where they do not.</summary>
    public int OwnValidation { get; init; }

    /// <summary>How many examples the files set apart for the test; 0 where they do not.</summary>
    public int OwnTest { get; init; }

    /// <summary>How many examples, the last ones, have no label: more training examples for the student.</summary>
    public int Unlabelled { get; init; }

    /// <summary>N.</summary>
    public int Count => Labels.Count;

    /// <summary>Adds all values of all examples to a hash.</summary>
    public abstract void AppendTo(IncrementalHash hash);
}
