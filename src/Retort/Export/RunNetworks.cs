using Retort.Runs;
using Retort.Training;

namespace Retort.Export;

/// <summary>The networks of a run's folder.</summary>
static class RunNetworks
{
    const string Folder = "networks";

    /// <summary>The name of a network: <c>student</c> and <c>control</c> are the best of them on validation.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="network">The name; null: the best student.</param>
    public static string NameOf(string run, string? network) =>
        network is null or "student" or "control" ? Best(run, network ?? "student") : network;

    /// <summary>The folder of a network.</summary>
    /// <exception cref="InvalidDataException">The run has no such network that is done.</exception>
    public static string FolderOf(string run, string network)
    {
        var folder = Path.Combine(run, Folder, network);
        if (SavedNetwork.IsIn(folder)) return folder;
        var names = string.Join(", ", Names(run));
        throw new InvalidDataException($"{run} has no network \"{network}\" that is done; it has "
            + $"{(names.Length > 0 ? names : "none")}.");
    }

    // the student or control that is best on validation
    static string Best(string run, string role)
    {
        var names = Names(run).Where(name => name.StartsWith($"{role}-seed", StringComparison.Ordinal)).ToList();
        if (names.Count == 0) throw new InvalidDataException(Directory.Exists(run)
            ? $"{run} holds no {role} that is done: name a run's folder." : $"{run}: there is no such folder.");
        var isFinished = File.Exists(Path.Combine(run, "results.json"));
        if (!isFinished && RunFolder.InfoIn(run) is { } info && names.Count < info.Seeds.Count)
            throw new InvalidOperationException(Invariant(
                $"{run} is not finished, {names.Count} of its {info.Seeds.Count} {role}s are done: finish it, or ")
                + $"name one with --network: {string.Join(", ", names)}.");
        var task = SavedNetwork.Read(Path.Combine(run, Folder, names[0], NetworkFiles.Config)).TaskOf();
        var scores = names.Select(name => (Name: name, Scores: ScoresOf(run, name))).ToList();
        return scores.Aggregate((best, next) => task.IsBetter(next.Scores, best.Scores) ? next : best).Name;
    }

    /// <summary>The teacher's predictions on a split; null where the run has none.</summary>
    public static Predictions? TeacherPredictions(string run, string split)
    {
        var path = Path.Combine(run, Folder, "teacher", PredictionsFile.Name);
        return File.Exists(path) ? PredictionsFile.Read(path, split) : null;
    }

    static IReadOnlyDictionary<string, double> ScoresOf(string run, string network)
    {
        var folder = Path.Combine(run, Folder, network);
        return SavedNetwork.Read(Path.Combine(folder, NetworkFiles.Config)).TaskOf().EvaluateEpoch(
            PredictionsFile.Read(Path.Combine(folder, PredictionsFile.Name), "validation"),
            TeacherPredictions(run, "validation"));
    }

    static IEnumerable<string> Names(string run)
    {
        var networks = Path.Combine(run, Folder);
        if (!Directory.Exists(networks)) return [];
        return Directory.GetDirectories(networks).Where(SavedNetwork.IsIn).Select(folder => Path.GetFileName(folder)!)
            .OrderBy(name => name.Length).ThenBy(name => name, StringComparer.Ordinal);
    }
}
