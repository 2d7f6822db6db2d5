using Retort.Runs;
using Retort.Training;

namespace Retort.Export;

/// <summary>The networks of a run's folder.</summary>
static class RunNetworks
{
    const string Folder = "networks";

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

    /// <summary>The student that is best on validation.</summary>
    /// <exception cref="InvalidDataException">The run has no student.</exception>
    /// <exception cref="InvalidOperationException">Not all of its students are done.</exception>
    public static string BestStudent(string run)
    {
        var students = Names(run).Where(name => name.StartsWith("student-seed", StringComparison.Ordinal)).ToList();
        if (students.Count == 0) throw new InvalidDataException(Directory.Exists(run)
            ? $"{run} holds no student that is done: name a run's folder." : $"{run}: there is no such folder.");
        var isFinished = File.Exists(Path.Combine(run, "results.json"));
        if (!isFinished && RunFolder.InfoIn(run) is { } info && students.Count < info.Seeds.Count)
            throw new InvalidOperationException(Invariant(
                $"{run} is not finished, {students.Count} of its {info.Seeds.Count} students are done: finish it, or ")
                + $"name with --seed one of {string.Join(", ", students)}.");
        var task = SavedNetwork.Read(Path.Combine(run, Folder, students[0], NetworkFiles.Config)).TaskOf();
        var scores = students.Select(name => (Name: name, Scores: ScoresOf(run, name))).ToList();
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
