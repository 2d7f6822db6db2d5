using Retort.Runs;
using System.Security.Cryptography;
using System.Text;
using Retort.Recipes;
using Retort.Report;
using Retort.Training;

namespace Retort.Studies.Fidelity;

/// <summary>One student of one step of one claim, and who stands against it.</summary>
/// <param name="Claim">Whose step.</param>
/// <param name="Arm">Which.</param>
/// <param name="Seed">The pair's.</param>
/// <param name="Student">By name.</param>
/// <param name="Control">The same step's student of the next seed, by name.</param>
sealed record Planned(ClaimOptions Claim, Arm Arm, int Seed, string Student, string Control);

/// <summary>Trains one network of a study.</summary>
sealed record StudyNetworkJob : NetworkFolderJob;

/// <summary>
/// Every network of a study once, by name, and the claims that use it. It depends on the study alone, so every process
/// makes the same plan.
/// </summary>
sealed class FidelityPlan
{
    readonly Dictionary<string, StudyNetwork> _trainees = [];
    readonly List<Planned> _students = [];

    /// <summary>Plans the claims of a study.</summary>
    public static FidelityPlan Of(FidelityRecipe recipe)
    {
        OptionRules.Check(recipe);
        var plan = new FidelityPlan();
        foreach (var claim in recipe.Claims)
        {
            var arms = claim.Arms(new Planner(recipe.Settings[claim.Setting]));
            if (arms.GroupBy(arm => arm.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
                throw new InvalidDataException(
                    $"{recipe.Name}: {claim.Id} has two steps called \"{twice.Key}\"; "
                    + "each must have a name of its own.");
            Rehearse(recipe, claim, arms);
            foreach (var arm in arms) plan.Add(claim, arm, recipe.Seeds);
        }
        return plan;
    }

    /// <summary>
    /// Judges made-up rows of this grid: a grid that cannot be judged is refused before anything is trained.
    /// </summary>
    static void Rehearse(FidelityRecipe recipe, ClaimOptions claim, IReadOnlyList<Arm> arms)
    {
        var same = new RowFigures
        {
            TeacherAccuracy = 1, TeacherNll = 0, TeacherEce = 0, Accuracy = 1, Nll = 0, Ece = 0, Agreement = 1, Kl = 0,
            TrainAgreement = 1, TrainKl = 0,
            Loss = 1, Floor = 1, Excess = 0, Cka = [1],
        };
        try
        {
            claim.Judge([.. arms.SelectMany(arm => Enumerable.Range(1, recipe.Seeds).Select(seed => new ClaimRow
            {
                Claim = claim.Id, Arm = arm.Name, X = arm.X, Seed = seed, Student = "", Teachers = [], Figures = same,
                Control = new("", 1, 1, 0),
            }))]);
        }
        catch (InvalidOperationException error)
        {
            throw new InvalidDataException(
                $"{recipe.Name}: {claim.Id} cannot be judged with this grid: {error.Message}", error);
        }
    }

    /// <summary>
    /// Prepares all distillation data and builds one untrained network of each kind. Data that is missing, a network
    /// that cannot be built and first weights that cannot be set are refused before anything is trained.
    /// </summary>
    public void Try(FidelityRecipe recipe, StudyData data)
    {
        var different = _trainees.Values.DistinctBy(
            trainee => (trainee.Training.BatchSize, Recipe.Write(trainee.Examples).ToJsonString()));
        foreach (var trainee in different)
        {
            var (_, parts) = data.Of(trainee.Examples);
            if (parts is not null) Tried(recipe.Name, () => Sampler.Shares(parts, trainee.Training.BatchSize));
        }
        var facts = data.Plain.Info;
        var sizes = new Dictionary<string, long>();
        foreach (var planned in _students.DistinctBy(planned => (planned.Claim, planned.Arm)))
        {
            var student = this[planned.Student];
            Tried($"{recipe.Name}: {planned.Claim.Id}, \"{planned.Arm.Name}\"", () =>
            {
                if (student.InitialWeights is { Share: var share } && student.Teachers is [var teacher])
                    Nearer(student.Network, teacher.Network, share);
                foreach (var each in student.Teachers.Append(student)) Size(each.Network);
            });
        }
        foreach (var capacity in recipe.Claims.OfType<CapacityOptions>())
        {
            var setting = recipe.Settings[capacity.Setting];
            if (!capacity.Students.Any(variant => Size(variant.Network) > Size(setting.Student ?? setting.Network)))
                throw new InvalidDataException(
                    $"{recipe.Name}: F12 cannot be judged: "
                    + "none of its students has more parameters than the setting's.");
        }

        static void Tried(string place, Action work)
        {
            try
            {
                work();
            }
            catch (Exception error) when (error is InvalidOperationException or ArgumentException)
            {
                throw new InvalidDataException($"{place}: {error.Message}", error);
            }
        }

        void Nearer(ModelOptions student, ModelOptions teacher, double share)
        {
            using var own = ModuleFactory.Create(() => student.Build(facts));
            using var other = ModuleFactory.Create(() => teacher.Build(facts));
            WeightInterpolation.Move(own, other.state_dict(), share);
        }

        long Size(ModelOptions options)
        {
            var key = Recipe.Write(options).ToJsonString();
            if (sizes.TryGetValue(key, out var known)) return known;
            using var network = ModuleFactory.Create(() => options.Build(facts));
            return sizes[key] = network.parameters().Sum(weight => weight.numel());
        }
    }

    /// <summary>The students, claim by claim, step by step, seed by seed.</summary>
    public IReadOnlyList<Planned> Students => _students;

    /// <summary>
    /// A job for each network: teachers before students, and of each the longest training first.
    /// </summary>
    public IReadOnlyList<Job> Jobs => [.. Names("teacher").Concat(Names("student")).Select(JobOf)];

    Job JobOf(string name) => new StudyNetworkJob
    {
        Name = name, Folder = $"networks/{name}", Manifest = $"networks/{name}/config.json",
        Needs = [.. this[name].Teachers.Select(Name)],
        Artifacts =
        [
            new("model.safetensors", ArtifactKind.Network), new("predictions.safetensors", ArtifactKind.Predictions),
        ],
    };

    /// <summary>The network of this name.</summary>
    public StudyNetwork this[string name] => _trainees.TryGetValue(name, out var trainee) ? trainee
        : throw new ArgumentException($"This study has no network '{name}'.", nameof(name));

    /// <summary>A network's name: role, seed, and the beginning of a hash of all that it follows from.</summary>
    public static string Name(StudyNetwork trainee)
    {
        var hash = Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes(Recipe.Write(trainee).ToJsonString())));
        return FormattableString.Invariant($"{trainee.Role}-seed{trainee.Seed}-{hash[..10]}");
    }

    void Add(ClaimOptions claim, Arm arm, int seeds)
    {
        var names = Enumerable.Range(1, seeds).Select(seed => Known(arm.Student(seed))).ToList();
        for (var i = 0; i < seeds; i++) _students.Add(new(claim, arm, i + 1, names[i], names[(i + 1) % seeds]));
    }

    string Known(StudyNetwork trainee)
    {
        foreach (var teacher in trainee.Teachers) Known(teacher);
        var name = Name(trainee);
        _trainees[name] = trainee;
        return name;
    }

    List<string> Names(string role) =>
    [
        .. _trainees.Where(pair => pair.Value.Role == role)
            .OrderByDescending(pair => pair.Value.Training.Steps)
            .Select(pair => pair.Key),
    ];
}
