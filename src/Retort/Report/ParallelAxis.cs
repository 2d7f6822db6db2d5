using System.Text.Json;
using System.Text.Json.Nodes;
using Retort.Runs;
using Retort.Training;

namespace Retort.Report;

/// <summary>One upright of a picture of a search: where each trial crosses it, from 0 at its foot to 1.</summary>
/// <param name="Title">Below it.</param>
/// <param name="Foot">What 0 stands for.</param>
/// <param name="Head">What 1 stands for.</param>
/// <param name="Places">Of the trials, in order.</param>
sealed record ParallelAxis(string Title, string Foot, string Head, IReadOnlyList<double> Places)
{
    /// <summary>One a searched option; numbers in their order (by ratio where they span more than a factor of ten), other values as they first come.</summary>
    public static IEnumerable<ParallelAxis> Of(SearchedSide side)
    {
        foreach (var option in side.Best.Settings.Keys)
        {
            List<JsonNode> values = [.. side.Trials.Select(trial => trial.Settings[option])];
            yield return values.All(value => value.GetValueKind() == JsonValueKind.Number)
                ? Numbers(option, [.. values.Select(value => value.Deserialize<double>())])
                : Words(option, [.. side.Trials.Select(trial => trial.Said(option))]);
        }
        yield return Numbers("accuracy, %", [.. side.Trials.Select(trial => 100 * (trial.Scores[^1].Score ?? 0))], ratios: false);
    }

    static ParallelAxis Numbers(string title, IReadOnlyList<double> values, bool ratios = true)
    {
        var (low, high) = (values.Min(), values.Max());
        Func<double, double> scale = ratios && low > 0 && high > 10 * low ? Math.Log : value => value;
        return new(title, NumberFormat.Three(low), NumberFormat.Three(high), [.. values.Select(value => high > low ? (scale(value) - scale(low)) / (scale(high) - scale(low)) : 0.5)]);
    }

    static ParallelAxis Words(string title, IReadOnlyList<string> values)
    {
        List<string> kinds = [.. values.Distinct()];
        return new(title, Short(kinds[0]), Short(kinds[^1]), [.. values.Select(value => kinds.Count == 1 ? 0.5 : kinds.IndexOf(value) / (kinds.Count - 1.0))]);
    }

    // what stands beside it is as near as the next upright
    static string Short(string word) => word.Length <= 16 ? word : word[..15] + "…";
}
