using System.Text.Json;
using System.Text.Json.Nodes;
using Retort.Recipes;
using Retort.Tensors.Files;
using Retort.Training;

namespace Retort.Runs;

/// <summary>The results of a search so far, from the run's folder, and the jobs that compare its trials.</summary>
sealed class SearchResults(string run, SearchPlan plan, LearningTask task)
{
    string TablePath => Path.Combine(run, "search.json");

    SearchTable Table => JsonFile.Read<SearchTable>(TablePath, "a search");

    int LastRung => plan.Rungs.Count - 1;

    /// <summary>Compares the trials of a rung and writes those that continue.</summary>
    /// <exception cref="DivergedException">The loss of every trial stopped being finite.</exception>
    public void Select(SelectJob job)
    {
        var scored = TrialsOf(job.Role, job.Rung).Select(trial => new RungTrial(trial, ScoreOf(job, trial))).ToList();
        var ranked = scored.Order(Comparer<RungTrial>.Create(Compare)).ToList();
        if (job.Rung == LastRung && ranked[0].Score.Score is null) throw new DivergedException(
            $"No trial of the {job.Role.Name()}'s search can be used: the loss of each stopped being finite. "
            + "A lower training.learningRate or a training.maxGradientNorm usually helps.");

        var continuing = job.Rung == LastRung ? 1 : plan.Surviving(ranked.Count);
        var selected = ranked.Take(continuing).Select(trial => trial.Number).ToList();
        Write(Path.Combine(run, job.Manifest), new RungTable(scored, selected));
    }

    /// <summary>Whether a trial was selected for the rung of this job.</summary>
    public bool IsSelected(NetworkJob job)
    {
        var rung = plan.Rungs.Index().First(rung => rung.Item == job.Epochs).Index;
        return TrialsOf(job.Role, rung).Contains(job.Trial!.Value);
    }

    /// <summary>Writes <c>search.json</c>, and removes the checkpoints of trials that were not selected.</summary>
    public void WriteTable()
    {
        var control = plan.Control.Count == 0 ? null : SideOf(Role.Control, plan.Control);
        var table = new SearchTable(plan.Seeds, plan.Rungs, SideOf(Role.Student, plan.Student), control);
        var folder = Path.Combine(run, "search");
        foreach (var checkpoint in Directory.GetFiles(folder, Checkpoint.FileName, SearchOption.AllDirectories))
            File.Delete(checkpoint);
        Write(TablePath, table);
    }

    /// <summary>The recipe of a trial, or of a reported network once the search is over.</summary>
    public Recipe RecipeOf(Job job) => plan.Applied(job switch
    {
        NetworkJob { Role: Role.Teacher, Trial: { } number } => plan.Teachers[number - 1].Settings,
        NetworkJob { Role: Role.Teacher } => [],
        ChosenTeacherJob => plan.TeacherOf(Table.Student.Best.Settings).Settings,
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

    // the student's choice of the options that the control must share
    IEnumerable<KeyValuePair<string, JsonNode>> SharedSettings()
    {
        if (!plan.HasShared) return [];

        var best = RungOf(Role.Student, LastRung).Selected[0];
        return plan.Student[best - 1].Settings.Where(setting => SearchPlan.IsShared(setting.Key));
    }

    IReadOnlyList<int> TrialsOf(Role role, int rung)
    {
        if (rung > 0) return [.. RungOf(role, rung - 1).Selected.Order()];

        return [.. (role == Role.Student ? plan.Student : plan.Control).Select(trial => trial.Number)];
    }

    RungTable RungOf(Role role, int rung) => JsonFile.Read<RungTable>(
        Path.Combine(run, "search", Invariant($"{role.Name()}-rung{rung + 1}.json")), "a search");

    // the mean over the seeds
    RungScore ScoreOf(SelectJob job, int trial)
    {
        var epochs = plan.Rungs[job.Rung];
        var results = plan.Seeds.Select(ReadResult).ToList();
        List<double> scores = [.. results.Select(result => result.Score).OfType<double>()];
        return scores.Count < results.Count ? new(epochs, null, null, [])
            : new(epochs, scores.Average(), results.Average(result => result.TieBreaker), scores);

        RungResult ReadResult(int seed)
        {
            var file = Invariant($"search/{job.Role.Name()}-{trial:000}-seed{seed}/rung-{epochs:000}.json");
            return JsonFile.Read<RungResult>(Path.Combine(run, file), "a search");
        }
    }

    // the better first, then the lower number; diverged trials last
    int Compare(RungTrial one, RungTrial other)
    {
        var order = CompareScores(one.Score, other.Score);
        return order != 0 ? order : one.Number.CompareTo(other.Number);
    }

    int CompareScores(RungScore one, RungScore other)
    {
        if (one.Score is not { } first || other.Score is not { } second)
            return (one.Score is null).CompareTo(other.Score is null);

        var order = task.Primary.Rank(second).CompareTo(task.Primary.Rank(first));
        if (order != 0 || plan.PrefersFirst || task.TieBreaker is not { } tieBreaker) return order;

        return tieBreaker.Rank(other.TieBreaker ?? 0).CompareTo(tieBreaker.Rank(one.TieBreaker ?? 0));
    }

    SearchedSide SideOf(Role role, IReadOnlyList<Trial> trials)
    {
        var rungs = Enumerable.Range(0, plan.Rungs.Count).Select(rung => RungOf(role, rung)).ToList();
        return new([.. trials.Select(Searched)], rungs[^1].Selected[0]);

        SearchedTrial Searched(Trial trial)
        {
            var scores = rungs.SelectMany(rung => rung.Trials).Where(one => one.Number == trial.Number);
            return new(trial.Number, trial.Settings.ToDictionary(setting => setting.Key, setting => setting.Value),
                [.. scores.Select(one => one.Score)]);
        }
    }

    static void Write<T>(string path, T record) =>
        AtomicFile.Write(path, JsonSerializer.Serialize(record, Json.Indented) + "\n");
}
