using System.Security.Cryptography;
using System.Text;
using Retort.Recipes;
using Retort.Runs;
using Retort.Training;

namespace Retort.Studies.Fidelity;

/// <summary>Trains one network of a study.</summary>
sealed record StudyNetworkJob : NetworkFolderJob;

/// <summary>
/// All networks of a study, each once, and the students of its claims. The plan is a function of the study alone, the
/// same in every process.
/// </summary>
sealed class FidelityPlan
{
    readonly Dictionary<string, StudyNetwork> _networks = [];
    readonly List<PlannedStudent> _students = [];

    /// <summary>All networks, by name.</summary>
    public IReadOnlyDictionary<string, StudyNetwork> Networks => _networks;

    /// <summary>The students, claim by claim, arm by arm, seed by seed.</summary>
    public IReadOnlyList<PlannedStudent> Students => _students;

    /// <summary>A job for each network: teachers first, and of each role the longest training first.</summary>
    public IReadOnlyList<Job> Jobs => [.. NamesOf("teacher").Concat(NamesOf("student")).Select(JobOf)];

    /// <summary>The network of this name.</summary>
    public StudyNetwork this[string name] => _networks.TryGetValue(name, out var network) ? network
        : throw new ArgumentException($"This study has no network '{name}'.", nameof(name));

    /// <summary>Plans the claims of a study.</summary>
    public static FidelityPlan Of(FidelityRecipe recipe)
    {
        OptionRules.Check(recipe);
        var plan = new FidelityPlan();
        foreach (var claim in recipe.Claims)
        {
            var arms = claim.Arms(new Planner(recipe.Settings[claim.Setting]));
            if (arms.GroupBy(arm => arm.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
                throw new InvalidDataException($"{recipe.Name}: {claim.Id} has two steps called \"{twice.Key}\"; each "
                    + "must have a name of its own.");
            foreach (var arm in arms) plan.Add(claim, arm, recipe.Seeds);
        }
        return plan;
    }

    /// <summary>A network's name: role, seed, and the beginning of a hash of everything that it depends on.</summary>
    public static string Name(StudyNetwork network)
    {
        var json = Encoding.UTF8.GetBytes(Recipe.Write(network).ToJsonString());
        var hash = Convert.ToHexStringLower(SHA256.HashData(json));
        return Invariant($"{network.Role}-seed{network.Seed}-{hash[..10]}");
    }

    Job JobOf(string name) => new StudyNetworkJob
    {
        Name = name,
        Folder = $"networks/{name}",
        Manifest = $"networks/{name}/{NetworkFiles.Config}",
        Needs = [.. this[name].Teachers.Select(Name)],
        Artifacts =
        [
            new(NetworkFiles.Weights, ArtifactKind.Network),
            new(PredictionsFile.Name, ArtifactKind.Predictions),
        ],
    };

    void Add(ClaimOptions claim, Arm arm, int seeds)
    {
        var names = Enumerable.Range(1, seeds).Select(seed => Add(arm.Student(seed))).ToList();
        for (var i = 0; i < seeds; i++) _students.Add(new(claim, arm, i + 1, names[i], names[(i + 1) % seeds]));
    }

    string Add(StudyNetwork network)
    {
        foreach (var teacher in network.Teachers) Add(teacher);
        var name = Name(network);
        _networks[name] = network;
        return name;
    }

    List<string> NamesOf(string role) =>
    [
        .. _networks.Where(pair => pair.Value.Role == role).OrderByDescending(pair => pair.Value.Training.Steps)
            .Select(pair => pair.Key),
    ];
}
