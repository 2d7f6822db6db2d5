namespace Retort.Contracts;

/// <summary>Scores as tables, charts and sentences write them: shares in percent, all else in its unit.</summary>
public static class ScoreFormat
{
    const int SignificantDigits = 4;

    const string LowerIsBetter = "lower is better";

    /// <summary>
    /// Its title and unit, and its direction where lower is better: <c>accuracy, %</c>;
    /// <c>NLL, last epoch, nats (lower is better)</c>.
    /// </summary>
    /// <param name="score">The score.</param>
    /// <param name="remark">The text between title and unit.</param>
    public static string Heading(this Score score, string remark = "") => score.Title + remark + score.Unit switch
    {
        ScoreUnit.Percent => ", %",
        ScoreUnit.Nats => ", nats",
        _ => "",
    } + score.Direction(" (", ")");

    /// <summary>
    /// <c>lower is better</c> between two texts; empty where higher is better, which a reader expects of a score.
    /// </summary>
    internal static string Direction(this Score score, string before, string after = "") =>
        score.HigherIsBetter ? "" : before + LowerIsBetter + after;

    /// <summary>86.12 for a share of 0.8612, 0.2345 nats, four significant digits without a unit.</summary>
    public static string Format(this Score score, double value) => score.Unit == ScoreUnit.Percent
        ? NumberFormat.Percent(value) : NumberFormat.Fixed(value, Places(score, value));

    /// <summary>86.12 ± 0.34.</summary>
    public static string Format(this Score score, SeedStatistics values) => score.Unit == ScoreUnit.Percent
        ? NumberFormat.Percent(values) : NumberFormat.Fixed(values, Places(score, values.Mean));

    /// <summary>The same with one digit of a percentage, for a sentence: 86.1.</summary>
    internal static string Short(this Score score, double value) =>
        score.Unit == ScoreUnit.Percent ? NumberFormat.Percent(value, 1) : Format(score, value);

    /// <summary>The same with its unit: <c>86.1 %</c>.</summary>
    internal static string ShortWithUnit(this Score score, double value) => score.WithUnit(Short(score, value));

    /// <summary>A formatted score with its unit: <c>86.12 %</c>.</summary>
    internal static string WithUnit(this Score score, string value) => value + score.Unit switch
    {
        ScoreUnit.Percent => " %",
        ScoreUnit.Nats => " nats",
        _ => "",
    };

    /// <summary>The same text with a capital letter: the beginning of a sentence or the name of a row.</summary>
    internal static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    /// <summary>What a chart's axis counts in: shares in percent.</summary>
    internal static double ToAxis(this Score score, double value) =>
        score.Unit == ScoreUnit.Percent ? 100 * value : value;

    /// <summary>The unit of a difference: <c>points</c>, <c>nats</c>, or nothing.</summary>
    internal static string DifferenceUnit(this Score score) => score.Unit switch
    {
        ScoreUnit.Percent => "points",
        ScoreUnit.Nats => "nats",
        _ => "",
    };

    /// <summary>A difference with its sign: +0.83 points without the unit.</summary>
    internal static string FormatDifference(this Score score, double difference) => score.Unit == ScoreUnit.Percent
        ? NumberFormat.SignedPoints(difference, 2) : NumberFormat.Signed(difference, Places(score, difference));

    /// <summary>
    /// How many digits after the point differences that stand together in a sentence have: points one, all else two
    /// significant ones of the largest; more where one that is not 0 would read as 0.
    /// </summary>
    internal static int DifferenceDigits(this Score score, params ReadOnlySpan<double> differences)
    {
        var percent = score.Unit == ScoreUnit.Percent;
        var largest = 0.0;
        Span<double> shown = stackalloc double[differences.Length];
        for (var i = 0; i < differences.Length; i++)
        {
            shown[i] = score.ToAxis(differences[i]);
            largest = Math.Max(largest, Math.Abs(shown[i]));
        }
        return percent ? NumberFormat.VisibleDigits(1, 3, shown)
            : NumberFormat.VisibleDigits(NumberFormat.Places(largest, 2), 6, shown);
    }

    static int Places(Score score, double value) =>
        score.Unit == ScoreUnit.Nats ? 4 : NumberFormat.Places(value, SignificantDigits);
}
