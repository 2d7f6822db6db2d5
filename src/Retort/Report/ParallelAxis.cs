using System.Text.Json;
using System.Text.Json.Nodes;
using Retort.Runs;

namespace Retort.Report;

/// <summary>One axis of a chart of a search, with each trial's place on it, from 0 to 1.</summary>
/// <param name="Title">The option or score.</param>
/// <param name="Low">The value at 0.</param>
/// <param name="High">The value at 1.</param>
/// <param name="Places">Of the trials, in order.</param>
sealed record ParallelAxis(string Title, string Low, string High, IReadOnlyList<double> Places)
{
    const int LongestWord = 16;

    /// <summary>
    /// One a searched option, and the score. Numbers are in their order (by ratio where they span more than a factor of
    /// ten), other values as they first come.
    /// </summary>
    public static IEnumerable<ParallelAxis> Of(SearchedSide side, Score score)
    {
        foreach (var option in side.Best.Settings.Keys)
        {
            List<JsonNode> values = [.. side.Trials.Select(trial => trial.Settings[option])];
            yield return values.All(value => value.GetValueKind() == JsonValueKind.Number)
                ? Numbers(option, [.. values.Select(value => value.Deserialize<double>())])
                : Words(option, [.. side.Trials.Select(trial => trial.TextOf(option))]);
        }
        var scores = side.Trials.Select(trial => trial.Scores[^1].Score).ToList();
        var diverged = score.HigherIsBetter ? 0 : scores.OfType<double>().Max();
        yield return Numbers(
            score.Heading(), [.. scores.Select(found => score.ToAxis(found ?? diverged))], ratios: false);
    }

    static ParallelAxis Numbers(string title, IReadOnlyList<double> values, bool ratios = true)
    {
        var (low, high) = (values.Min(), values.Max());
        Func<double, double> scale = ratios && low > 0 && high > 10 * low ? Math.Log : value => value;
        return new(title, NumberFormat.Three(low), NumberFormat.Three(high), [.. values.Select(Place)]);

        double Place(double value) => high > low ? (scale(value) - scale(low)) / (scale(high) - scale(low)) : 0.5;
    }

    static ParallelAxis Words(string title, IReadOnlyList<string> values)
    {
        List<string> kinds = [.. values.Distinct()];
        return new(title, Short(kinds[0]), Short(kinds[^1]),
            [.. values.Select(value => kinds.Count == 1 ? 0.5 : kinds.IndexOf(value) / (kinds.Count - 1.0))]);
    }

    // the next axis is near
    static string Short(string word) => word.Length <= LongestWord ? word : word[..(LongestWord - 1)] + "…";
}
