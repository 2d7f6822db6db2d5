namespace Retort.Data.Parquet;

/// <summary>Texts and their classes, in the order of the files: training, validation, test.</summary>
/// <param name="Texts">[N]</param>
/// <param name="Labels">Class indices. [N]</param>
/// <param name="Classes">Class names, in the order of the indices.</param>
/// <param name="ValidationCount">The number of validation examples, which come before the test examples.</param>
/// <param name="TestCount">The number of test examples, which come last.</param>
public sealed record LabelledTexts(
    IReadOnlyList<string> Texts,
    IReadOnlyList<int> Labels,
    IReadOnlyList<string> Classes,
    int ValidationCount,
    int TestCount);
