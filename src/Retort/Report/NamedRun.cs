namespace Retort.Report;

/// <summary>A finished run among those that are compared; it is named after its folder.</summary>
sealed record NamedRun(string Name, RunData Data)
{
    /// <summary>Reads finished runs that can be compared: the same task, primary score and test examples.</summary>
    /// <exception cref="InvalidDataException">
    /// A folder is no finished run, two have one name, or the runs have different tasks or test examples.
    /// </exception>
    public static IReadOnlyList<NamedRun> ReadAll(IReadOnlyList<string> folders)
    {
        List<NamedRun> runs = [.. folders.Select(Read)];
        if (runs.GroupBy(run => run.Name).FirstOrDefault(group => group.Count() > 1)?.Key is { } twice)
            throw new InvalidDataException($"Two of the runs are called {twice}: students are named after their run's "
                + "folder, so each needs a name of its own.");
        foreach (var run in runs.Skip(1)) run.CheckAgainst(runs[0]);
        return runs;
    }

    static NamedRun Read(string folder) =>
        new(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))), RunData.Read(folder));

    void CheckAgainst(NamedRun first)
    {
        var (task, expected) = (Data.Task, first.Data.Task);
        if (task.Name != expected.Name || task.Primary != expected.Primary)
            throw new InvalidDataException($"{Name} has the task \"{task.Name}\", scored by {task.Primary.Title}, and "
                + $"{first.Name} has \"{expected.Name}\", by {expected.Primary.Title}: only runs with the same task "
                + "and primary score can be compared.");
        if (!RunData.SameExamples(Data.Students[0].Predictions.Test, first.Data.Students[0].Predictions.Test))
            throw new InvalidDataException($"{Name} was tested on other examples than {first.Name}: only runs with the "
                + "same test split can be compared.");
    }
}
