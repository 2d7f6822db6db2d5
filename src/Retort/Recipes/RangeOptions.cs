using System.Globalization;
using System.Text.Json.Nodes;

namespace Retort.Recipes;

/// <summary>Numbers between two ends, both included.</summary>
public sealed record RangeOptions : SearchedOptions, IValidated
{
    /// <summary>The lower end.</summary>
    public required double From { get; init; }

    /// <summary>The upper end.</summary>
    public required double To { get; init; }

    /// <summary>Whether equal steps or equal ratios are equally likely.</summary>
    public RangeScale Scale { get; init; }

    /// <summary>Whether only whole numbers are tried.</summary>
    public bool Whole { get; init; }

    /// <summary>How many values a grid tries, the ends among them.</summary>
    [AtLeast(1)] public int Steps { get; init; } = 5;

    internal override IReadOnlyList<JsonNode> Grid => [.. Enumerable.Range(0, Steps)
        .Select(step => Steps == 1 ? 0 : (double)step / (Steps - 1)).Select(ValueAt).Distinct().Select(Node)];

    internal override JsonNode Draw(ref RandomStream random) => Node(ValueAt(random.Uniform()));

    public OptionError? Validate()
    {
        if (From > To) return new(nameof(To), Invariant(
            $"must be at least from, which is {From}; it is {To}."));
        if (Scale == RangeScale.Log && From <= 0) return new(nameof(From), Invariant(
            $"must be greater than 0 where scale is \"log\"; it is {From}."));
        if (Whole && Math.Ceiling(From) > Math.Floor(To)) return new(nameof(Whole), Invariant(
            $"must be false where no whole number is between from and to, which are {From} and {To}."));
        return null;
    }

    // at most three significant digits: as a person writes them, and the same on every machine
    double ValueAt(double share)
    {
        var value = Scale == RangeScale.Linear
            ? From + share * (To - From)
            : Math.Exp(Math.Log(From) + share * (Math.Log(To) - Math.Log(From)));
        if (Whole) return Math.Clamp(Math.Round(value), Math.Ceiling(From), Math.Floor(To));

        var rounded = double.Parse(value.ToString("E2", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return Math.Clamp(rounded, From, To);
    }

    JsonNode Node(double value) => Whole ? JsonValue.Create((long)value) : JsonValue.Create(value);
}

/// <summary>What is equally likely in a range.</summary>
public enum RangeScale
{
    /// <summary>Equal steps.</summary>
    Linear,

    /// <summary>Equal ratios.</summary>
    Log,
}
