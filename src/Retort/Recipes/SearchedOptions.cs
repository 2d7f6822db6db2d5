using System.Text.Json.Nodes;

namespace Retort.Recipes;

/// <summary>An option that is searched over, by its path in the recipe.</summary>
public abstract record SearchedOptions
{
    /// <summary>
    /// Its path, as <c>--set</c> has it: <c>method.temperature</c>, <c>teacher.network.depth</c>,
    /// <c>data.augmentation</c>, or a whole <c>method</c>.
    /// </summary>
    [SearchedPath] public required string Option { get; init; }

    /// <summary>All values that a grid tries.</summary>
    internal abstract IReadOnlyList<JsonNode> Grid { get; }

    /// <summary>Draws one value.</summary>
    internal abstract JsonNode Draw(ref RandomStream random);

    /// <summary>Whether a path is this part of a recipe, or inside it.</summary>
    internal static bool IsOf(string option, string part) =>
        option == part || option.StartsWith(part + ".", StringComparison.Ordinal);
}

/// <summary>The path of an option that trials may differ in.</summary>
sealed class SearchedPathAttribute : OptionRuleAttribute
{
    static readonly string[] Parts = ["method", "student", "training", "teacher", "data.augmentation"];

    public override string Rule =>
        "in method, student, training, teacher or data.augmentation, as in method.temperature";

    public override string? Check(object value)
    {
        var option = (string)value;
        if (!Parts.Any(part => SearchedOptions.IsOf(option, part))) return
            $"must be {Rule}; it is {option}. All trials are compared on the same validation part.";
        if (option is "training" or "training.epochs") return $"must not be {option}: every trial has the same budget.";
        if (option.EndsWith(".name", StringComparison.Ordinal)) return
            $"must not be a name alone, since the other options go with it; it is {option}. "
            + "Search over the whole: method, with values as { \"name\": \"kd\" }.";
        return null;
    }
}
