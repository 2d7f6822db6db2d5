namespace Retort.Recipes;

/// <summary>
/// A search over options before the reported runs, scored on validation alone. The control is searched by the same
/// strategy, over those of the options that are its own: the options of its training.
/// </summary>
public sealed record SearchOptions : IValidated
{
    /// <summary>The options that are searched over.</summary>
    [NotEmpty("option")] public required IReadOnlyList<SearchedOptions> Over { get; init; }

    /// <summary>Which combinations are tried, and for how long.</summary>
    public StrategyOptions Strategy { get; init; } = new GridOptions();

    /// <summary>The seed of what is drawn: which combinations a random search tries.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Runs of each combination; their seeds are 1001, 1002, …, and none of them is reported.</summary>
    [AtLeast(1)] public int Seeds { get; init; } = 1;

    public OptionError? Validate() =>
        Over.GroupBy(one => one.Option).FirstOrDefault(group => group.Count() > 1) is not { } twice ? null
            : new(nameof(Over), $"must name each option once; {twice.Key} is there {twice.Count()} times.");
}
