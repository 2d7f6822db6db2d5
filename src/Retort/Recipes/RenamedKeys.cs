using Retort.Methods;

namespace Retort.Recipes;

/// <summary>Keys and names of earlier versions, for the messages that refuse them.</summary>
static class RenamedKeys
{
    /// <summary>Old and new keys: of every record that has the new key, or of one record alone.</summary>
    static readonly (string Old, string New, Type? Record)[] Keys =
    [
        ("batch", "batchSize", null),
        ("clip", "maxGradientNorm", null),
        ("average", "emaDecay", null),
        ("keep", "selectWeights", null),
        ("schedule", "scheduler", null),
        ("limit", "maxExamples", null),
        ("labels", "labelledExamples", null),
        ("budget", "memoryLimit", null),
        ("normalisation", "normalization", null),
        ("deviation", "standardDeviation", null),
        ("halving", "downsampling", null),
        ("share", "probability", null),
        ("teaching", "teacherTraining", null),
        ("learning", "studentTraining", null),
        ("shown", "comparedExamples", null),
        ("decay", "emaDecay", typeof(BetaSmoothingOptions)),
        ("averageStart", "emaStart", typeof(BetaSmoothingOptions)),
        ("averageMode", "emaMode", typeof(BetaSmoothingOptions)),
    ];

    static readonly (string Old, string New)[] Names =
    [
        ("pictures", "image-folder"),
        ("colour", "color-jitter"),
        ("static", "uniform-noise"),
        ("script", "torchscript"),
        ("weights", "checkpoint"),
    ];

    const string OwnNames = " Names of your own come with the option --with and the assembly that has them.";

    /// <summary>The end of a sentence about a key that a record does not have.</summary>
    /// <param name="key">The key.</param>
    /// <param name="record">The record.</param>
    /// <param name="known">The keys that it has.</param>
    public static string KeyHint(string key, Type record, IReadOnlyList<string> known) => Hint(key, known,
        Keys.FirstOrDefault(one => one.Old == key && known.Contains(one.New) && (one.Record ?? record) == record).New);

    /// <summary>The end of a sentence about a name that a family does not have.</summary>
    /// <param name="name">The name.</param>
    /// <param name="known">The names that it has.</param>
    public static string NameHint(string name, IReadOnlyList<string> known)
    {
        var renamed = Names.FirstOrDefault(one => one.Old == name && known.Contains(one.New)).New;
        return Hint(name, known, renamed) + (renamed is null && !Spelling.IsNear(name, known) ? OwnNames : "");
    }

    static string Hint(string word, IReadOnlyList<string> known, string? renamed) =>
        renamed is null ? Spelling.Hint(word, known) : $"it is called \"{renamed}\" now.";
}
