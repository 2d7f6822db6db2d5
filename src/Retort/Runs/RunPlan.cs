using System.Globalization;
using Retort.Recipes;
using Retort.Teachers;

namespace Retort.Runs;

/// <summary>
/// The jobs of a recipe, in the order in which they are started where several could be. A pure function of the recipe:
/// every process makes the same plan, and none needs to be told.
/// </summary>
public sealed class RunPlan
{
    /// <summary>The first seed of a search; none of its seeds is reported.</summary>
    internal const int FirstTrialSeed = 1001;

    const string TeacherName = "teacher", CacheName = "cache", TableName = "search";
    readonly List<Job> _jobs = [];
    readonly Recipe _recipe;

    RunPlan(Recipe recipe)
    {
        _recipe = recipe;
        Search = recipe.SearchOrTuning is null ? null : new SearchPlan(recipe);
    }

    /// <summary>All jobs.</summary>
    public IReadOnlyList<Job> Jobs => _jobs;

    /// <summary>What the recipe's search tries; null without one.</summary>
    internal SearchPlan? Search { get; }

    /// <summary>Plans a recipe.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One of its options breaks a rule.</exception>
    /// <exception cref="InvalidDataException">Its search cannot be carried out.</exception>
    public static RunPlan Of(Recipe recipe)
    {
        OptionRules.Check(recipe);
        var plan = new RunPlan(recipe);
        plan.Search?.Check();
        if (plan.Search is null || plan.Search.Teachers.Count == 0) plan.AddTeacher();
        if (recipe.Teacher is CachedTeacherOptions) plan.AddCache();
        if (plan.Search is not null) plan.AddSearch();
        plan.AddPairs();
        plan.AddLatencies();
        return plan;
    }

    /// <summary>The job of this name.</summary>
    public Job this[string name] => _jobs.FirstOrDefault(job => job.Name == name)
        ?? throw new ArgumentException($"This run has no job '{name}'.", nameof(name));

    /// <summary>The networks that are reported: the teacher, if any, then pair after pair.</summary>
    internal IEnumerable<Job> Reported => _jobs.Where(job =>
        job is AdoptTeacherJob or NetworkJob { IsTrial: false });

    void AddTeacher()
    {
        if (_recipe.TeacherItself is not { } teacher) return;

        var trained = teacher as Recipes.TrainedTeacherOptions;
        _jobs.Add(new NetworkJob
        {
            Name = TeacherName, Folder = "networks/teacher", Manifest = "networks/teacher/config.json", Role = Role.Teacher,
            Seed = trained?.Seed ?? 0, IsExclusive = true,
            Leaves = trained is null ? [Predictions] : [Network, Predictions],
        });
    }

    void AddCache() => _jobs.Add(new CacheJob
    {
        Name = CacheName, Folder = "", Manifest = "cache.json", Teacher = TeacherName, Needs = [TeacherName],
        IsExclusive = true, Leaves = [new("cache.json", ArtifactKind.Cache)],
    });

    void AddSearch()
    {
        foreach (var trial in Search!.Teachers)
            _jobs.Add(Trial(Role.Teacher, trial.Number, ((Recipes.TrainedTeacherOptions)_recipe.TeacherItself!).Seed, null));
        var student = AddSide(Role.Student, Search.Student, []);
        var control = Search.Control.Count == 0 ? null : AddSide(Role.Control, Search.Control, Search.HasShared ? [student] : []);
        _jobs.Add(new SearchTableJob
        {
            Name = TableName, Folder = "", Manifest = "search.json",
            Needs = [student, .. control is null ? (string[])[] : [control]],
            Leaves = [new("search.json", ArtifactKind.Table)],
        });
        if (Search.Teachers.Count > 0) _jobs.Add(new AdoptTeacherJob
        {
            Name = TeacherName, Folder = "networks/teacher", Manifest = "networks/teacher/config.json",
            Needs = [TableName], IsExclusive = true, Leaves = [Network, Predictions],
        });
    }

    // rung after rung; returns the name of the last selection
    string AddSide(Role role, IReadOnlyList<Trial> trials, IReadOnlyList<string> after)
    {
        var selected = after;
        for (var rung = 0; rung < Search!.Rungs.Count; rung++)
        {
            List<string> runs = [];
            foreach (var trial in trials)
                foreach (var seed in Search.Seeds)
                {
                    var job = Trial(role, trial.Number, seed, Search.Rungs[rung]);
                    _jobs.Add(job with { Needs = [.. job.Needs, .. selected] });
                    runs.Add(job.Name);
                }
            var name = string.Create(CultureInfo.InvariantCulture, $"search/{Word(role)}-rung{rung + 1}");
            _jobs.Add(new SelectJob
            {
                Name = name, Folder = "search", Manifest = $"{name}.json", Role = role, Rung = rung, Needs = runs,
                Leaves = [new($"{Path.GetFileName(name)}.json", ArtifactKind.Table)],
            });
            selected = [name];
        }
        return selected.Single();
    }

    NetworkJob Trial(Role role, int number, int seed, int? epochs)
    {
        var stem = string.Create(CultureInfo.InvariantCulture, $"search/{Word(role)}-{number:000}-seed{seed}");
        var teacher = role == Role.Student ? TeacherOf(number) : null;
        return new()
        {
            Name = epochs is null ? stem : string.Create(CultureInfo.InvariantCulture, $"{stem}@{epochs}"), Folder = stem,
            Manifest = epochs is null ? $"{stem}/config.json"
                : string.Create(CultureInfo.InvariantCulture, $"{stem}/rung-{epochs:000}.json"),
            Role = role, Seed = seed, Trial = number, Epochs = epochs ?? 0, Teacher = teacher,
            Needs = TeacherNeeds(teacher), IsExclusive = role == Role.Teacher, Leaves = [Network, Predictions],
        };
    }

    // whose outputs a trial of the student learns from
    string? TeacherOf(int trial)
    {
        if (Search!.Teachers.Count == 0) return _recipe.Teacher is null ? null : TeacherName;

        var number = Search.TeacherOf(Search.Student[trial - 1].Settings).Number;
        var seed = ((Recipes.TrainedTeacherOptions)_recipe.TeacherItself!).Seed;
        return string.Create(CultureInfo.InvariantCulture, $"search/teacher-{number:000}-seed{seed}");
    }

    IReadOnlyList<string> TeacherNeeds(string? teacher) => teacher is null ? []
        : teacher == TeacherName && _recipe.Teacher is CachedTeacherOptions ? [CacheName] : [teacher];

    void AddPairs()
    {
        IReadOnlyList<string> after = Search is null ? [] : [TableName];
        foreach (var seed in Enumerable.Range(1, _recipe.Seeds))
            foreach (var role in _recipe.HasControl ? (Role[])[Role.Control, Role.Student] : [Role.Student])
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"{Word(role)}-seed{seed}");
                var teacher = role == Role.Student && _recipe.Teacher is not null ? TeacherName : null;
                _jobs.Add(new NetworkJob
                {
                    Name = name, Folder = $"networks/{name}", Manifest = $"networks/{name}/config.json", Role = role,
                    Seed = seed, Teacher = teacher, Needs = [.. TeacherNeeds(teacher), .. after],
                    Leaves = [Network, Predictions, .. role == Role.Student ? _recipe.ProcedureArtifacts : []],
                });
            }
    }

    // after everything else: times are measured on a quiet machine
    void AddLatencies()
    {
        IReadOnlyList<string> all = [.. Reported.Select(job => job.Name)];
        foreach (var name in all)
            _jobs.Add(new LatencyJob
            {
                Name = $"latency/{name}", Folder = $"networks/{name}", Manifest = $"networks/{name}/latency.json",
                Network = name, Needs = all, IsExclusive = true, Leaves = [new("latency.json", ArtifactKind.Table)],
            });
    }

    static Artifact Network => new("model.safetensors", ArtifactKind.Network);

    static Artifact Predictions => new("predictions.safetensors", ArtifactKind.Predictions);

    static string Word(Role role) => role.ToString().ToLowerInvariant();
}
