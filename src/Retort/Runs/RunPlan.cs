using Retort.Recipes;
using Retort.Teachers;
using Retort.Training;

namespace Retort.Runs;

/// <summary>
/// The jobs of a recipe, in the order in which they are started where several are ready. The plan is a function of
/// recipe and task, so that all processes of a run have the same plan.
/// </summary>
public sealed class RunPlan
{
    const string TeacherName = "teacher";
    const string CacheName = "cache";
    const string TableName = "search";
    const string TeacherFolder = "networks/teacher";

    readonly List<Job> _jobs = [];
    readonly Recipe _recipe;
    readonly IReadOnlyList<string> _controlNeeds;                           // the teacher where it scores the control

    RunPlan(Recipe recipe, LearningTask? task)
    {
        _recipe = recipe;
        _controlNeeds = recipe.Teacher is not null && task is { ScoresNeedTeacher: true } ? [TeacherName] : [];
        Search = recipe.SearchOrTuning is null ? null : new SearchPlan(recipe);
    }

    /// <summary>All jobs.</summary>
    public IReadOnlyList<Job> Jobs => _jobs;

    /// <summary>The trials of the recipe's search; null without one.</summary>
    internal SearchPlan? Search { get; }

    /// <summary>Plans a recipe.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="task">
    /// The task on the recipe's data, which decides whether the control waits for the teacher; null where the data is
    /// not open: then it does not.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">One of its options breaks a rule.</exception>
    /// <exception cref="InvalidDataException">Its search is not possible.</exception>
    public static RunPlan Of(Recipe recipe, LearningTask? task = null)
    {
        OptionRules.Check(recipe);
        var plan = new RunPlan(recipe, task);
        plan.Search?.Check();
        if (plan is { Search: { Teachers.Count: > 0, Control.Count: > 0 }, _controlNeeds.Count: > 0 })
            throw new InvalidDataException(
                $"search: the task \"{task!.Name}\" scores the control by the teacher's outputs "
                + $"({task.Primary.Title}), so that teachers and the control's training cannot both be searched over.");
        if (plan.Search is null || plan.Search.Teachers.Count == 0) plan.AddTeacher();
        if (recipe.Teacher is CachedTeacherOptions) plan.AddCache();
        if (plan.Search is not null) plan.AddSearch();
        plan.AddPairs();
        if (recipe.Method is LossOptions) plan.AddTerms();
        plan.AddLatencies();
        return plan;
    }

    /// <summary>The job of this name.</summary>
    public Job this[string name] => _jobs.FirstOrDefault(job => job.Name == name)
        ?? throw new ArgumentException($"This run has no job '{name}'.", nameof(name));

    /// <summary>The jobs that make the teacher: its training, or the trials of its tuning and the choice.</summary>
    internal IReadOnlyList<Job> TeacherJobs =>
        [.. _jobs.Where(job => job is NetworkJob { Role: Role.Teacher } or ChosenTeacherJob { IsTuned: true })];

    /// <summary>The networks that are reported: the teacher, if any, then pair after pair.</summary>
    internal IEnumerable<Job> Reported => _jobs.Where(job => job is ChosenTeacherJob or NetworkJob { IsTrial: false });

    /// <summary>The folder of a search's trial, relative to the run's.</summary>
    internal static string TrialFolder(Role role, int number, int seed) =>
        Invariant($"search/{role.Name()}-{number:000}-seed{seed}");

    /// <summary>The result of a trial after a rung of so many epochs, relative to the run's folder.</summary>
    internal static string RungFile(Role role, int number, int seed, int epochs) =>
        Invariant($"{TrialFolder(role, number, seed)}/rung-{epochs:000}.json");

    /// <summary>The comparison of all trials after a rung, counted from 0, relative to the run's folder.</summary>
    internal static string ComparisonFile(Role role, int rung) =>
        Invariant($"search/{role.Name()}-rung{rung + 1}.json");

    void AddTeacher()
    {
        if (_recipe.TeacherItself is not { } teacher) return;

        if (Search is { TeacherRates.Count: > 0 })
        {
            foreach (var trial in Search.TeacherRates)
                _jobs.Add(Trial(Role.Teacher, trial.Number, TeacherSeed, epochs: null));
            AddChosenTeacher([.. _jobs.Select(job => job.Name)], isTuned: true);
            return;
        }

        var trained = teacher as TrainedTeacherOptions;
        _jobs.Add(new NetworkJob
        {
            Name = TeacherName,
            Folder = TeacherFolder,
            Manifest = $"{TeacherFolder}/{NetworkFiles.Config}",
            Role = Role.Teacher,
            Seed = trained?.Seed ?? 0,
            IsExclusive = true,
            Artifacts = trained is null ? [Predictions] : [Network, Predictions],
        });
    }

    void AddCache() => _jobs.Add(new CacheJob
    {
        Name = CacheName,
        Folder = "",
        Manifest = "cache.json",
        Teacher = TeacherName,
        Needs = [TeacherName],
        IsExclusive = true,
        Artifacts = [new("cache.json", ArtifactKind.Cache)],
    });

    void AddSearch()
    {
        foreach (var trial in Search!.Teachers)
            _jobs.Add(Trial(Role.Teacher, trial.Number, TeacherSeed, epochs: null));
        var student = AddRungs(Role.Student, Search.Student, []);
        List<string> selections = [student];
        if (Search.Control.Count > 0)
            selections.Add(AddRungs(Role.Control, Search.Control, Search.HasShared ? [student] : []));
        _jobs.Add(new SearchTableJob
        {
            Name = TableName,
            Folder = "",
            Manifest = "search.json",
            Needs = selections,
            Artifacts = [new("search.json", ArtifactKind.Table)],
        });
        if (Search.Teachers.Count > 0) AddChosenTeacher([TableName], isTuned: false);
    }

    void AddChosenTeacher(IReadOnlyList<string> needs, bool isTuned) => _jobs.Add(new ChosenTeacherJob
    {
        Name = TeacherName,
        Folder = TeacherFolder,
        Manifest = $"{TeacherFolder}/{NetworkFiles.Config}",
        Needs = needs,
        IsTuned = isTuned,
        IsExclusive = true,
        Artifacts = [Network, Predictions],
    });

    // adds rung after rung; returns the name of the last selection
    string AddRungs(Role role, IReadOnlyList<Trial> trials, IReadOnlyList<string> needs)
    {
        for (var rung = 0; rung < Search!.Rungs.Count; rung++)
        {
            List<string> compared = [];
            foreach (var trial in trials)
                foreach (var seed in Search.Seeds)
                {
                    var job = Trial(role, trial.Number, seed, Search.Rungs[rung]);
                    _jobs.Add(job with { Needs = [.. job.Needs, .. needs] });
                    compared.Add(job.Name);
                }
            var manifest = ComparisonFile(role, rung);
            var name = Path.ChangeExtension(manifest, null);
            _jobs.Add(new SelectJob
            {
                Name = name,
                Folder = "search",
                Manifest = manifest,
                Role = role,
                Rung = rung,
                Needs = compared,
                Artifacts = [new(Path.GetFileName(manifest), ArtifactKind.Table)],
            });
            needs = [name];
        }
        return needs.Single();
    }

    NetworkJob Trial(Role role, int number, int seed, int? epochs)
    {
        var folder = TrialFolder(role, number, seed);
        var teacher = role == Role.Student ? TeacherOf(number) : null;
        return new()
        {
            Name = epochs is null ? folder : Invariant($"{folder}@{epochs}"),
            Folder = folder,
            Manifest = epochs is { } rung ? RungFile(role, number, seed, rung) : $"{folder}/{NetworkFiles.Config}",
            Role = role,
            Seed = seed,
            Trial = number,
            Epochs = epochs ?? 0,
            Teacher = teacher,
            Needs = role == Role.Control ? _controlNeeds : TeacherNeeds(teacher),
            IsExclusive = role == Role.Teacher,
            Artifacts = [Network, Predictions],
        };
    }

    // the job of the teacher that a trial of the student learns from
    string? TeacherOf(int trial)
    {
        if (Search!.Teachers.Count == 0) return _recipe.Teacher is null ? null : TeacherName;

        var number = Search.TeacherOf(Search.Student[trial - 1].Settings).Number;
        return TrialFolder(Role.Teacher, number, TeacherSeed);
    }

    int TeacherSeed => ((TrainedTeacherOptions)_recipe.TeacherItself!).Seed;

    IReadOnlyList<string> TeacherNeeds(string? teacher)
    {
        if (teacher is null) return [];

        return teacher == TeacherName && _recipe.Teacher is CachedTeacherOptions ? [CacheName] : [teacher];
    }

    // only a procedure has the loss of its last network at hand, so that it compares the control's terms itself
    IReadOnlyList<string> NeedsOf(Role role, string? teacher, string? control)
    {
        if (role == Role.Control) return _controlNeeds;

        var needsControl = control is not null && _recipe.Method is ProcedureOptions;
        return [.. TeacherNeeds(teacher), .. needsControl ? (string[])[control!] : []];
    }

    void AddPairs()
    {
        IReadOnlyList<string> searched = Search is null ? [] : [TableName];
        Role[] roles = _recipe.HasControl ? [Role.Control, Role.Student] : [Role.Student];
        foreach (var seed in Enumerable.Range(1, _recipe.Seeds))
            foreach (var role in roles)
            {
                var name = Invariant($"{role.Name()}-seed{seed}");
                var teacher = role == Role.Student && _recipe.Teacher is not null ? TeacherName : null;
                var control = role == Role.Student && _recipe.HasControl
                    ? Invariant($"{Role.Control.Name()}-seed{seed}") : null;
                _jobs.Add(new NetworkJob
                {
                    Name = name,
                    Folder = $"networks/{name}",
                    Manifest = $"networks/{name}/{NetworkFiles.Config}",
                    Role = role,
                    Seed = seed,
                    Teacher = teacher,
                    Control = control,
                    Needs = [.. NeedsOf(role, teacher, control), .. searched],
                    Artifacts = [Network, Predictions, .. role == Role.Student ? _recipe.ProcedureArtifacts : []],
                });
            }
    }

    void AddTerms()
    {
        foreach (var student in _jobs.OfType<NetworkJob>().Where(job => job is { Role: Role.Student, Trial: null })
            .ToList())
        {
            _jobs.Add(new TermsJob
            {
                Name = $"terms/{student.Name}",
                Folder = student.Folder,
                Manifest = $"{student.Folder}/{ValidationTerms.FileName}",
                Student = student.Name,
                Needs = student.Control is null ? [student.Name] : [student.Name, student.Control],
                Artifacts = [new(ValidationTerms.FileName, ArtifactKind.Table)],
            });
        }
    }

    // after all other jobs, so that the machine has nothing else to do
    void AddLatencies()
    {
        IReadOnlyList<string> all = [.. Reported.Select(job => job.Name)];
        foreach (var name in all)
            _jobs.Add(new LatencyJob
            {
                Name = $"latency/{name}",
                Folder = $"networks/{name}",
                Manifest = $"networks/{name}/latency.json",
                Network = name,
                Needs = all,
                IsExclusive = true,
                Artifacts = [new("latency.json", ArtifactKind.Table)],
            });
    }

    static Artifact Network => new(NetworkFiles.Weights, ArtifactKind.Network);

    static Artifact Predictions => new(PredictionsFile.Name, ArtifactKind.Predictions);
}
