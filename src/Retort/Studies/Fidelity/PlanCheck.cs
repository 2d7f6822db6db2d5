using Retort.Recipes;
using Retort.Training;

namespace Retort.Studies.Fidelity;

/// <summary>Checks before anything is trained that all data and networks of a study can be made.</summary>
sealed class PlanCheck(FidelityRecipe recipe, FidelityPlan plan, StudyData data)
{
    readonly Dictionary<string, long> _sizes = [];

    /// <summary>
    /// Opens every distillation set and builds one network of each kind with drawn weights. Refuses what cannot be
    /// opened, built, or initialized as its arm needs it.
    /// </summary>
    public void Run()
    {
        CheckData();
        foreach (var planned in plan.Students.DistinctBy(planned => (planned.Claim, planned.Arm)))
        {
            var student = plan[planned.Student];
            AddContext($"{recipe.Name}: {planned.Claim.Id}, \"{planned.Arm.Name}\"", () => CheckNetworks(student));
        }
        foreach (var capacity in recipe.Claims.OfType<CapacityOptions>()) CheckLarger(capacity);
    }

    void CheckData()
    {
        var networks = plan.Networks.Values.DistinctBy(
            network => (network.Training.BatchSize, Recipe.Write(network.Examples).ToJsonString()));
        foreach (var network in networks)
        {
            var (_, parts) = data.Of(network.Examples);
            if (parts is not null) AddContext(recipe.Name, () => Sampler.Shares(parts, network.Training.BatchSize));
        }
    }

    void CheckNetworks(StudyNetwork student)
    {
        if (student.InitialWeights is { Share: var share } && student.Teachers is [var only])
            CheckInterpolation(student.Network, only.Network, share);
        foreach (var network in student.Teachers.Append(student)) ParametersOf(network.Network);
    }

    void CheckLarger(CapacityOptions capacity)
    {
        var setting = recipe.Settings[capacity.Setting];
        var usual = ParametersOf(setting.Student ?? setting.Network);
        if (!capacity.Students.Any(variant => ParametersOf(variant.Network) > usual)) throw new InvalidDataException(
            $"{recipe.Name}: F12 cannot be judged: none of its students has more parameters than the setting's.");
    }

    void CheckInterpolation(ModelOptions student, ModelOptions teacher, double share)
    {
        using var own = ModuleFactory.Create(() => student.Build(data.Plain.Info));
        using var other = ModuleFactory.Create(() => teacher.Build(data.Plain.Info));
        WeightInterpolation.Move(own, other.state_dict(), share);
    }

    long ParametersOf(ModelOptions options)
    {
        var key = Recipe.Write(options).ToJsonString();
        if (_sizes.TryGetValue(key, out var known)) return known;

        using var network = ModuleFactory.Create(() => options.Build(data.Plain.Info));
        return _sizes[key] = network.parameters().Sum(weight => weight.numel());
    }

    static void AddContext(string context, Action check)
    {
        try
        {
            check();
        }
        catch (Exception error) when (error is InvalidOperationException or ArgumentException)
        {
            throw new InvalidDataException($"{context}: {error.Message}", error);
        }
    }
}
