namespace Retort.Export;

/// <summary>One graph of a student's folder: its size, its score and its latency.</summary>
/// <param name="Name"><c>float32</c>, <c>int8</c> or <c>float16</c>.</param>
/// <param name="File">Its name in the folder.</param>
/// <param name="Bytes">Bytes of the file.</param>
/// <param name="Score">The task's primary score on the test examples.</param>
/// <param name="Agreement">
/// The share of test examples with the same likeliest class as in float32; null where the task has no classes.
/// </param>
/// <param name="Microseconds">
/// The median time of one example, one thread, in ONNX Runtime on the machine that exported it.
/// </param>
public sealed record Variant(
    string Name, string File, long Bytes, double Score, double? Agreement, double Microseconds)
{
    /// <summary>How it compares with float32, in a sentence.</summary>
    /// <param name="full">The graph in float32.</param>
    /// <param name="score">The score that both have.</param>
    public string CompareTo(Variant full, Score score)
    {
        var size = Ratio(full.Bytes, Bytes, "smaller", "larger", "as large");
        var speed = Ratio(full.Microseconds, Microseconds, "faster", "slower", "as fast");
        return $"{Name} is {size} and {speed}, with {Difference(Score - full.Score, score)} float32.";
    }

    /// <summary>Its row in a table: name, file, bytes, score, agreement where there is one, and microseconds.</summary>
    public IReadOnlyList<string> Cells(Score score) =>
    [
        Name,
        File,
        NumberFormat.Count(Bytes),
        score.Format(Score),
        .. Agreement is { } agreement ? [NumberFormat.Percent(agreement)] : Array.Empty<string>(),
        NumberFormat.Fixed(Microseconds, 1),
    ];

    static string Difference(double difference, Score score)
    {
        var isPercent = score.Unit == ScoreUnit.Percent;
        var (size, least) = isPercent ? (100 * Math.Abs(difference), 0.005) : (Math.Abs(difference), 0.00005);
        if (size < least) return $"the same {score.Title} as";

        var direction = difference > 0 ? "higher" : "lower";
        var amount = isPercent ? $"{NumberFormat.Fixed(size, 2)} points" : NumberFormat.Fixed(size, 4);
        return $"{score.Title} {amount} {direction} than";
    }

    // differences below five per cent are those that nobody would choose by
    static string Ratio(double full, double here, string better, string worse, string same) => (full / here) switch
    {
        > 1.05 and var ratio => $"{NumberFormat.Rounded(ratio, 2, least: 1)} times {better}",
        < 1 / 1.05 and var ratio => $"{NumberFormat.Rounded(1 / ratio, 2, least: 1)} times {worse}",
        _ => same,
    };
}
