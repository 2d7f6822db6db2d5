using Retort.Runtime.Metrics;

namespace Retort.Tasks;

/// <summary>How often each class is predicted as which, on test.</summary>
static class ConfusionCounts
{
    /// <summary>How often each label got each predicted class, all networks together. [label][predicted]</summary>
    public static int[][] Counts(params IReadOnlyList<Predictions> networks)
    {
        var classes = networks[0].Width;
        var counts = Enumerable.Range(0, classes).Select(_ => new int[classes]).ToArray();
        foreach (var network in networks)
        {
            var predicted = PredictedClasses(network);
            for (var i = 0; i < predicted.Length; i++) counts[network.Labels[i]][predicted[i]]++;
        }
        return counts;
    }

    /// <summary>Rows divided by their sums; a class without examples stays 0.</summary>
    public static double[][] Shares(int[][] counts) =>
        [.. counts.Select(row => row.Select(count => (double)count / Math.Max(row.Sum(), 1)).ToArray())];

    /// <summary>The class of each example's largest logit. [N]</summary>
    public static int[] PredictedClasses(Predictions predictions) =>
        [.. Enumerable.Range(0, predictions.Count).Select(i => LogitRows.ArgMax(predictions.Row(i)))];
}

/// <summary>
/// Shares of each class that are predicted as which, for teacher, control and student. [label][predicted]
/// </summary>
sealed record ConfusionShares(double[][]? Teacher, double[][]? Control, double[][] Student)
{
    public static ConfusionShares Of(RunPredictions run) => new(
        run.Teacher is null ? null : Of([run.Teacher]),
        run.Controls.Count == 0 ? null : Of(run.Controls),
        Of(run.Students));

    static double[][] Of(IReadOnlyList<NetworkPredictions> networks) =>
        ConfusionCounts.Shares(ConfusionCounts.Counts([.. networks.Select(network => network.Test)]));
}
