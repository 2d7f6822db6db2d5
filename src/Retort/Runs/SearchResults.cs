using System.Text.Json;
using System.Text.Json.Nodes;
using Retort.Recipes;
using Retort.Tensors.Files;
using Retort.Training;

namespace Retort.Runs;

/// <summary><c>student-rung1.json</c>: the trials of a side after a rung.</summary>
/// <param name="Trials">Numbers and scores of those that took part.</param>
/// <param name="Selected">Numbers of those that go on, the best first; of the last rung the best alone.</param>
sealed record RungTable(IReadOnlyList<RungTrial> Trials, IReadOnlyList<int> Selected);

/// <summary>A trial after a rung.</summary>
sealed record RungTrial(int Number, RungScore Score);

/// <summary>What a search has found so far, read from the run's folder, and the jobs that compare its trials.</summary>
sealed class SearchResults(string run, SearchPlan plan, LearningTask task)
{
    /// <summary>Compares the trials of a rung and writes those that go on.</summary>
    /// <exception cref="DivergedException">The loss of every trial stopped being finite.</exception>
    public void Select(SelectJob job)
    {
        var part = TakingPart(job.Role, job.Rung);
        var scored = part.Select(trial => new RungTrial(trial, ScoreOf(job, trial))).ToList();
        List<RungTrial> ranked = [.. scored.OrderBy(trial => trial, Comparer<RungTrial>.Create(Compare)).ThenBy(trial => trial.Number)];
        var last = job.Rung == plan.Rungs.Count - 1;
        if (last && ranked[0].Score.Score is null) throw new DivergedException(
            $"No trial of the {Word(job.Role)}'s search can be used: the loss of each stopped being finite. "
            + "A lower training.learningRate or a training.maxGradientNorm usually helps.");
        var selected = ranked.Take(last ? 1 : plan.Surviving(ranked.Count)).Select(trial => trial.Number);
        Write(Path.Combine(run, job.Manifest), new RungTable(scored, [.. selected]));
    }

    /// <summary>Whether a trial was selected for the rung of this job.</summary>
    public bool TakesPart(NetworkJob job) =>
        TakingPart(job.Role, plan.Rungs.Index().First(rung => rung.Item == job.Epochs).Index).Contains(job.Trial!.Value);

    /// <summary>Writes <c>search.json</c>, and removes the checkpoints of trials that were given up.</summary>
    public void WriteTable()
    {
        var control = plan.Control.Count == 0 ? null : Side(Role.Control, plan.Control);
        var table = new SearchTable(plan.Seeds, plan.Rungs, Side(Role.Student, plan.Student), control);
        foreach (var checkpoint in Directory.GetFiles(
            Path.Combine(run, "search"), Checkpoint.FileName, SearchOption.AllDirectories)) File.Delete(checkpoint);
        Write(TablePath, table);
    }

    /// <summary>The recipe of a trial, or of a reported network once the search is over.</summary>
    public Recipe RecipeOf(Job job) => plan.Applied(job switch
    {
        NetworkJob { Role: Role.Teacher, Trial: { } number } => plan.Teachers[number - 1].Settings,
        NetworkJob { Role: Role.Teacher } => [],
        AdoptTeacherJob => plan.TeacherOf(Table.Student.Best.Settings).Settings,
        NetworkJob { Role: Role.Student, Trial: { } number } => plan.Student[number - 1].Settings,
        NetworkJob { Role: Role.Student } => Table.Student.Best.Settings,
        NetworkJob { Trial: { } number } => [.. SharedSettings(), .. plan.Control[number - 1].Settings],
        _ => [.. SharedSettings(), .. Table.Control?.Best.Settings ?? new Dictionary<string, JsonNode>()],
    });

    /// <summary>The job that trained the best student's teacher.</summary>
    public NetworkJob ChosenTeacher(RunPlan jobs)
    {
        var number = plan.TeacherOf(Table.Student.Best.Settings).Number;
        return jobs.Jobs.OfType<NetworkJob>().First(job => job.Role == Role.Teacher && job.Trial == number);
    }

    string TablePath => Path.Combine(run, "search.json");

    SearchTable Table => JsonFile.Read<SearchTable>(TablePath, "a search");

    static string Word(Role role) => role.ToString().ToLowerInvariant();

    // what the student's search chose of the options that a pair must share
    IEnumerable<KeyValuePair<string, JsonNode>> SharedSettings() => !plan.HasShared ? []
        : plan.Student[Rung(Role.Student, plan.Rungs.Count - 1).Selected[0] - 1].Settings
            .Where(one => SearchPlan.IsShared(one.Key));

    IReadOnlyList<int> TakingPart(Role role, int rung)
    {
        if (rung > 0) return [.. Rung(role, rung - 1).Selected.Order()];

        return [.. (role == Role.Student ? plan.Student : plan.Control).Select(trial => trial.Number)];
    }

    RungTable Rung(Role role, int rung) => JsonFile.Read<RungTable>(
        Path.Combine(run, "search", FormattableString.Invariant($"{Word(role)}-rung{rung + 1}.json")), "a search");

    RungScore ScoreOf(SelectJob job, int trial)
    {
        var epochs = plan.Rungs[job.Rung];
        var marks = plan.Seeds.Select(seed => JsonFile.Read<RungMark>(Path.Combine(run, FormattableString.Invariant(
            $"search/{Word(job.Role)}-{trial:000}-seed{seed}/rung-{epochs:000}.json")), "a search")).ToList();
        return marks.Any(mark => mark.Score is null) ? new(epochs, null, null)
            : new(epochs, marks.Average(mark => mark.Score), marks.Average(mark => mark.TieBreaker));
    }

    // the better first, what diverged last
    int Compare(RungTrial one, RungTrial other)
    {
        if (one.Score.Score is not { } first || other.Score.Score is not { } second)
            return (one.Score.Score is null).CompareTo(other.Score.Score is null);

        var order = task.Primary.Rank(second).CompareTo(task.Primary.Rank(first));
        return order != 0 || plan.PrefersFirst || task.TieBreaker is not { } tie ? order
            : tie.Rank(other.Score.TieBreaker ?? 0).CompareTo(tie.Rank(one.Score.TieBreaker ?? 0));
    }

    SearchedSide Side(Role role, IReadOnlyList<Trial> trials)
    {
        var rungs = Enumerable.Range(0, plan.Rungs.Count).Select(rung => Rung(role, rung)).ToList();
        return new(
            [
                .. trials.Select(trial => new SearchedTrial(
                    trial.Number, trial.Settings.ToDictionary(one => one.Key, one => one.Value),
                    [
                        .. rungs.SelectMany(rung => rung.Trials).Where(one => one.Number == trial.Number)
                            .Select(one => one.Score),
                    ])),
            ],
            rungs[^1].Selected[0]);
    }

    static void Write<T>(string path, T record) =>
        AtomicFile.Write(path, JsonSerializer.Serialize(record, Json.Indented) + "\n");
}
