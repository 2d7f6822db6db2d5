using System.Text;
using Retort.Training;

namespace Retort.Report;

/// <summary>A network's epochs.</summary>
/// <param name="Part">Its name in the run.</param>
/// <param name="Role"><c>teacher</c>, <c>control</c> or <c>student</c>.</param>
/// <param name="Epochs">Epoch numbers.</param>
/// <param name="Scores">On validation, by the scores' names.</param>
/// <param name="Loss">
/// On training: the sum of all terms, mean of the epoch; null where a procedure's own loop trained the network.
/// </param>
public sealed record RunCurve(string Part, string Role, IReadOnlyList<int> Epochs,
    IReadOnlyDictionary<string, IReadOnlyList<double>> Scores, IReadOnlyList<double>? Loss)
{
    /// <summary>What is wrong with the file; the epochs before that are there. Null for nothing.</summary>
    public string? Problem { get; init; }

    /// <summary>Reads a network's epochs as far as they are written; null before the first one.</summary>
    internal static RunCurve? Read(string run, string network)
    {
        var name = Path.GetFileName(network);
        if (ListedFolder.File(run, "networks", name, MetricsLog.FileName) is not { } path) return null;

        var epochs = new List<EpochMetrics>();
        try
        {
            using var file = new StreamReader(
                InputFile.Open(path, JsonFile.MaxLength, FileShare.ReadWrite | FileShare.Delete));
            while (file.ReadLine() is { } line)
            {
                var source = Invariant($"{path}, line {epochs.Count + 1}");
                epochs.Add(JsonFile.Parse<EpochMetrics>(Encoding.UTF8.GetBytes(line), source, "an epoch"));
            }
            return Of(name, epochs);
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            var isBeingWritten = ListedFolder.File(run, "results.json") is null;            // then the last line may be
            return Of(name, epochs) with { Problem = isBeingWritten ? null : error.Message };
        }
    }

    static RunCurve Of(string name, List<EpochMetrics> epochs)
    {
        var scores = epochs.Count == 0 ? [] : epochs[0].Validation.Keys.Where(
            score => epochs.All(epoch => epoch.Validation.ContainsKey(score))).ToList();
        return new(name, RunProgress.KindOf(name), [.. epochs.Select(epoch => epoch.Epoch)],
            scores.ToDictionary(score => score, IReadOnlyList<double> (score) =>
                [.. epochs.Select(epoch => epoch.Validation[score])]),
            epochs.Any(epoch => epoch.Loss is null) ? null
                : [.. epochs.Select(epoch => epoch.Loss!.GetValueOrDefault("total"))]);
    }
}
