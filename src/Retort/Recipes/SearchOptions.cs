using System.Text.Json.Nodes;
using Retort.Runs;

namespace Retort.Recipes;

/// <summary>
/// A search over options of the recipe before the reported runs, on validation alone. The control is given a search of its
/// own by the same strategy, over those of the options that are its own (of training).
/// </summary>
public sealed record SearchOptions
{
    /// <summary>What is tried: one entry an option.</summary>
    public required IReadOnlyList<SearchedOptions> Over
    {
        get;
        init
        {
            Require.That(value.Count > 0, "Over must have at least one option; it is empty.");
            var twice = value.GroupBy(one => one.Option).FirstOrDefault(group => group.Count() > 1)?.Key;
            Require.That(twice is null, $"Over must name each option once; {twice} stands there twice.");
            field = value;
        }
    }

    /// <summary>Which combinations are tried, and for how long.</summary>
    public StrategyOptions Strategy { get; init; } = new GridOptions();

    /// <summary>Of what is drawn: which combinations a random search tries.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Runs a combination; their seeds are 1001, 1002, …, and none of them is reported.</summary>
    [AtLeast(1)] public int Seeds { get; init; } = 1;
}

/// <summary>An option that is searched over, by its path in the recipe.</summary>
public abstract record SearchedOptions
{
    static readonly string[] Parts = ["method", "student", "training", "teacher", "data.augmentation"];

    /// <summary>
    /// Where it stands, as <c>--set</c> writes it: <c>method.temperature</c>, <c>teacher.network.depth</c>,
    /// <c>data.augmentation</c>, or a whole <c>method</c>.
    /// </summary>
    public required string Option
    {
        get;
        init
        {
            Require.That(Parts.Any(part => SearchPlan.IsOf(value, part)),
                $"Option must be in method, student, training, teacher or data.augmentation, as in method.temperature; it is {value}. All trials are compared on the same validation part.");
            Require.That(value is not ("training" or "training.epochs"), $"Option must not be {value}: every trial has the same budget.");
            Require.That(!value.EndsWith(".name", StringComparison.Ordinal), $"Option must not be a name alone, since the other options go with it; it is {value}. Search over the whole: method, with values as {{ \"name\": \"kd\" }}.");
            field = value;
        }
    }

    /// <summary>All that a grid tries.</summary>
    internal abstract IReadOnlyList<JsonNode> Grid { get; }

    /// <summary>One value by chance.</summary>
    internal abstract JsonNode Drawn(ref RandomStream chance);
}

/// <summary>Some values, of any kind.</summary>
public sealed record ChoiceOptions : SearchedOptions
{
    /// <summary>What is tried.</summary>
    public required IReadOnlyList<JsonNode> Values
    {
        get;
        init
        {
            Require.That(value.Count > 0, "Values must have at least one value; it is empty.");
            field = value;
        }
    }

    internal override IReadOnlyList<JsonNode> Grid => Values;

    internal override JsonNode Drawn(ref RandomStream chance) => Values[chance.NextInt(Values.Count)];
}

/// <summary>Numbers between two ends, both included.</summary>
public sealed record RangeOptions : SearchedOptions
{
    /// <summary>The lower end.</summary>
    public required double From { get; init; }

    /// <summary>The upper end.</summary>
    public required double To { get; init; }

    /// <summary>Whether equal steps or equal ratios are as likely.</summary>
    public RangeScale Scale { get; init; }

    /// <summary>Whether only whole numbers are tried.</summary>
    public bool Whole { get; init; }

    /// <summary>How many values a grid takes, the ends among them.</summary>
    [AtLeast(1)] public int Steps { get; init; } = 5;

    internal override IReadOnlyList<JsonNode> Grid
    {
        get
        {
            Check();
            return [.. Enumerable.Range(0, Steps).Select(i => Steps == 1 ? 0 : (double)i / (Steps - 1)).Select(At).Distinct().Select(Node)];
        }
    }

    internal override JsonNode Drawn(ref RandomStream chance)
    {
        Check();
        return Node(At(chance.Uniform()));
    }

    // three significant digits: what a person would write, and the same on every machine
    double At(double share)
    {
        var value = Scale == RangeScale.Linear ? From + share * (To - From) : Math.Exp(Math.Log(From) + share * (Math.Log(To) - Math.Log(From)));
        if (Whole) return Math.Clamp(Math.Round(value), Math.Ceiling(From), Math.Floor(To));
        return Math.Clamp(double.Parse(value.ToString("E2", System.Globalization.CultureInfo.InvariantCulture), System.Globalization.CultureInfo.InvariantCulture), From, To);
    }

    JsonNode Node(double value) => Whole ? JsonValue.Create((long)value) : JsonValue.Create(value);

    // a rule of several options: what one accessor cannot see
    void Check()
    {
        if (From > To) throw new InvalidDataException(FormattableString.Invariant($"search: the range of {Option} must rise; it goes from {From} to {To}."));
        if (Scale == RangeScale.Log && From <= 0) throw new InvalidDataException(FormattableString.Invariant($"search: a range of ratios begins above 0; that of {Option} begins at {From}."));
        if (Whole && Math.Ceiling(From) > Math.Floor(To)) throw new InvalidDataException(FormattableString.Invariant($"search: the range of {Option} holds no whole number; it goes from {From} to {To}."));
    }
}

/// <summary>What is as likely in a range.</summary>
public enum RangeScale
{
    /// <summary>Equal steps.</summary>
    Linear,

    /// <summary>Equal ratios.</summary>
    Log,
}

/// <summary>Which combinations are tried.</summary>
public abstract record StrategyOptions;

/// <summary>Every combination of every value, each trained to the end.</summary>
public sealed record GridOptions : StrategyOptions;

/// <summary>Combinations by chance, each trained to the end (Bergstra and Bengio, JMLR 13, 2012).</summary>
public sealed record RandomOptions : StrategyOptions
{
    /// <summary>How many.</summary>
    [AtLeast(1)] public int Trials { get; init; } = 16;
}

/// <summary>
/// Combinations by chance; after each rung the best share goes on from its checkpoint for so many times as many epochs,
/// the rest is given up (Jamieson and Talwalkar, AISTATS 2016, arXiv:1502.07943). Schedules are those of the whole training.
/// </summary>
public sealed record HalvingOptions : StrategyOptions
{
    /// <summary>How many begin.</summary>
    [AtLeast(1)] public int Trials { get; init; } = 16;

    /// <summary>η: one in so many goes on.</summary>
    [AtLeast(2)] public int Factor { get; init; } = 2;

    /// <summary>Epochs of the first rung.</summary>
    [AtLeast(1)] public int FirstEpochs { get; init; } = 1;
}
