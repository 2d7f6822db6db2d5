using System.Text.Json;
using System.Text.Json.Nodes;
using Retort.Recipes;
using Retort.Tensors.Files;
using Retort.Training;

namespace Retort.Runs;

/// <summary>The results of a search so far, from the run's folder, and the jobs that compare its trials.</summary>
sealed class SearchResults(string run, SearchPlan plan, LearningTask task)
{
    SearchedSide? _teacherSide;                             // once all teachers of a tuning are trained

    string TablePath => Path.Combine(run, "search.json");

    SearchTable Table => JsonFile.Read<SearchTable>(TablePath, "a search");

    int LastRung => plan.Rungs.Count - 1;

    /// <summary>Compares the trials of a rung and writes those that continue.</summary>
    /// <exception cref="DivergedException">The loss of every trial stopped being finite.</exception>
    public void Select(SelectJob job)
    {
        var scored = TrialsOf(job.Role, job.Rung).Select(trial => new RungTrial(trial, ScoreOf(job, trial))).ToList();
        var ranked = scored.Order(Comparer<RungTrial>.Create((one, other) => Compare(one, other, task))).ToList();
        if (job.Rung == LastRung && ranked[0].Score.Score is null) throw AllDiverged(job.Role.Name(), "");

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
    public void WriteTable(RunPlan jobs)
    {
        var control = plan.Control.Count == 0 ? null : SideOf(Role.Control, plan.Control);
        var table = new SearchTable(plan.Seeds, plan.Rungs, SideOf(Role.Student, plan.Student), control,
            plan.TeacherRates.Count == 0 ? null : TeacherSide(jobs));
        var folder = Path.Combine(run, "search");
        foreach (var checkpoint in Directory.GetFiles(folder, Checkpoint.FileName, SearchOption.AllDirectories))
            File.Delete(checkpoint);
        Write(TablePath, table);
    }

    /// <summary>The recipe of a trial, or of a reported network once the search is over.</summary>
    public Recipe RecipeOf(Job job) => plan.Applied(job switch
    {
        NetworkJob { Role: Role.Teacher, Trial: { } number } =>
            (plan.TeacherRates.Count > 0 ? plan.TeacherRates : plan.Teachers)[number - 1].Settings,
        NetworkJob { Role: Role.Teacher } or ChosenTeacherJob { IsTuned: true } => [],
        ChosenTeacherJob => plan.TeacherOf(Table.Student.Best.Settings).Settings,
        NetworkJob { Role: Role.Student, Trial: { } number } => plan.Student[number - 1].Settings,
        NetworkJob { Role: Role.Student } => Table.Student.Best.Settings,
        NetworkJob { Trial: { } number } => [.. SharedSettings(), .. plan.Control[number - 1].Settings],
        _ => [.. SharedSettings(), .. Table.Control?.Best.Settings ?? new Dictionary<string, JsonNode>()],
    });

    /// <summary>The job that trained the run's teacher: the best one, or the best student's.</summary>
    /// <exception cref="DivergedException">The loss of every teacher stopped being finite.</exception>
    public NetworkJob ChosenTeacher(RunPlan jobs, ChosenTeacherJob chosen)
    {
        var number = chosen.IsTuned ? TeacherSide(jobs).Chosen : plan.TeacherOf(Table.Student.Best.Settings).Number;
        return TeachersOf(jobs).First(job => job.Trial == number);
    }

    static IEnumerable<NetworkJob> TeachersOf(RunPlan jobs) =>
        jobs.Jobs.OfType<NetworkJob>().Where(job => job is { Role: Role.Teacher, IsTrial: true });

    SearchedSide TeacherSide(RunPlan jobs) => _teacherSide ??= ReadTeacherSide(jobs);

    SearchedSide ReadTeacherSide(RunPlan jobs)
    {
        var scored = TeachersOf(jobs).Select(job => new RungTrial(job.Trial!.Value, TeacherScore(job))).ToList();
        var own = task.ForTeacher;
        var best = scored.Order(Comparer<RungTrial>.Create((one, other) => Compare(one, other, own))).First();
        if (best.Score.Score is null) throw AllDiverged("teacher", "teacher.");
        return new([.. plan.TeacherRates.Zip(scored, (trial, score) => Searched(trial, [score.Score]))], best.Number);
    }

    RungScore TeacherScore(NetworkJob job)
    {
        var (folder, training) = (Path.Combine(run, job.Folder), plan.TeacherTraining);
        if (NetworkFiles.ReadConfig(folder).Diverged is not null) return new(training.Epochs, null, null, []);

        var result = RungResult.Of(folder, training.Epochs, training.SelectWeights, task.ForTeacher, steps: 0);
        return new(training.Epochs, result.Score, result.TieBreaker, [result.Score!.Value]);
    }

    static DivergedException AllDiverged(string role, string section) => new(
        $"No trial of the {role}'s search can be used: the loss of each stopped being finite. "
        + $"A lower {section}training.learningRate or a {section}training.maxGradientNorm usually helps.");

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

    RungTable RungOf(Role role, int rung) =>
        JsonFile.Read<RungTable>(Path.Combine(run, RunPlan.ComparisonFile(role, rung)), "a search");

    // the mean over the seeds
    RungScore ScoreOf(SelectJob job, int trial)
    {
        var epochs = plan.Rungs[job.Rung];
        var results = plan.Seeds.Select(ReadResult).ToList();
        List<double> scores = [.. results.Select(result => result.Score).OfType<double>()];
        return scores.Count < results.Count ? new(epochs, null, null, [])
            : new(epochs, scores.Average(), results.Average(result => result.TieBreaker), scores);

        RungResult ReadResult(int seed) => JsonFile.Read<RungResult>(
            Path.Combine(run, RunPlan.RungFile(job.Role, trial, seed, epochs)), "a search");
    }

    // the better first, then the lower number; diverged trials last
    int Compare(RungTrial one, RungTrial other, LearningTask scored)
    {
        var order = CompareScores(one.Score, other.Score, scored);
        return order != 0 ? order : one.Number.CompareTo(other.Number);
    }

    int CompareScores(RungScore one, RungScore other, LearningTask scored)
    {
        if (one.Score is not { } first || other.Score is not { } second)
            return (one.Score is null).CompareTo(other.Score is null);

        var order = scored.Primary.Rank(second).CompareTo(scored.Primary.Rank(first));
        if (order != 0 || plan.PrefersFirst || scored.TieBreaker is not { } tieBreaker) return order;

        return tieBreaker.Rank(other.TieBreaker ?? 0).CompareTo(tieBreaker.Rank(one.TieBreaker ?? 0));
    }

    SearchedSide SideOf(Role role, IReadOnlyList<Trial> trials)
    {
        var rungs = Enumerable.Range(0, plan.Rungs.Count).Select(rung => RungOf(role, rung)).ToList();
        return new([.. trials.Select(trial => Searched(trial, ScoresOf(trial)))], rungs[^1].Selected[0]);

        IEnumerable<RungScore> ScoresOf(Trial trial) => rungs.SelectMany(rung => rung.Trials)
            .Where(one => one.Number == trial.Number).Select(one => one.Score);
    }

    static SearchedTrial Searched(Trial trial, IEnumerable<RungScore> scores) => new(
        trial.Number, trial.Settings.ToDictionary(setting => setting.Key, setting => setting.Value), [.. scores]);

    static void Write<T>(string path, T record) =>
        AtomicFile.Write(path, JsonSerializer.Serialize(record, Json.Indented) + "\n");
}
