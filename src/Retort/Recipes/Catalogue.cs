using System.Text.Json.Serialization.Metadata;
using Retort.Data;
using Retort.Methods;
using Retort.Models;
using Retort.Training;

namespace Retort.Recipes;

/// <summary>Everything a recipe can name: one line each.</summary>
public static class Catalogue
{
    public static IReadOnlyDictionary<string, Type> Methods { get; } = new Dictionary<string, Type>
    {
        ["labels"] = typeof(LabelsOnlyOptions),
        ["kd"] = typeof(SoftTargetsOptions),
    };

    public static IReadOnlyDictionary<string, Type> Models { get; } = new Dictionary<string, Type>
    {
        ["lenet"] = typeof(LeNetOptions),
        ["mlp"] = typeof(MlpOptions),
    };

    public static IReadOnlyDictionary<string, Type> Teachers { get; } = new Dictionary<string, Type>
    {
        ["trained"] = typeof(TrainedTeacherOptions),
    };

    public static IReadOnlyDictionary<string, Type> Data { get; } = new Dictionary<string, Type>
    {
        ["toy"] = typeof(ToyOptions),
    };

    public static IReadOnlyDictionary<string, Type> Optimizers { get; } = new Dictionary<string, Type>
    {
        ["sgd"] = typeof(SgdOptions),
        ["adam"] = typeof(AdamOptions),
        ["adamw"] = typeof(AdamWOptions),
    };

    public static IReadOnlyDictionary<string, Type> Schedules { get; } = new Dictionary<string, Type>
    {
        ["constant"] = typeof(ConstantOptions),
        ["step"] = typeof(StepOptions),
        ["cosine"] = typeof(CosineOptions),
        ["linear"] = typeof(LinearOptions),
    };

    static readonly Dictionary<Type, IReadOnlyDictionary<string, Type>> Families = new()
    {
        [typeof(MethodOptions)] = Methods,
        [typeof(ModelOptions)] = Models,
        [typeof(TeacherOptions)] = Teachers,
        [typeof(DataOptions)] = Data,
        [typeof(OptimizerOptions)] = Optimizers,
        [typeof(ScheduleOptions)] = Schedules,
    };

    internal static void TellApart(JsonTypeInfo info)
    {
        if (!Families.TryGetValue(info.Type, out var family)) return;
        info.PolymorphismOptions = new() { TypeDiscriminatorPropertyName = "name" };
        foreach (var (name, type) in family) info.PolymorphismOptions.DerivedTypes.Add(new(type, name));
    }
}
