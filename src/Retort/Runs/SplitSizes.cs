namespace Retort.Runs;

/// <summary>The number of examples in each split.</summary>
public sealed record SplitSizes(int Training, int Labelled, int Validation, int Test);
