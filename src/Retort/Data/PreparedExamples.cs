namespace Retort.Data;

/// <summary>Examples whose inputs are known, since their training split is: by it numbers are normalized.</summary>
abstract class PreparedExamples
{
    /// <summary>Inputs and targets.</summary>
    public abstract DatasetInfo Info { get; }

    /// <summary>Files that a deployed student needs beside its graph.</summary>
    public virtual IReadOnlyList<StudentFile> StudentFiles => [];

    /// <inheritdoc cref="Dataset.Words"/>
    public virtual WordVectors? Words => null;

    /// <summary>What was changed of the examples, a sentence each.</summary>
    public virtual IReadOnlyList<string> Notes => [];

    /// <summary>The shape of the inputs, as the data's hash begins.</summary>
    public abstract string HashHead { get; }

    /// <summary>What the inputs depend on beside the examples, as the data's hash ends.</summary>
    public abstract IEnumerable<string> HashTail { get; }

    /// <summary>The split of these rows.</summary>
    public abstract ExampleSplit SplitOf(SplitRows rows, SplitUse use);
}
