using System.CommandLine;
using Retort.Cli.Grammar;

namespace Retort.Cli.Commands;

/// <summary>A recipe's search, and the run that it finds.</summary>
static class Search
{
    public static Command Command() => Run.As(new CommandWithExamples("search",
        "Searches over options of a recipe on validation, then trains, tests and reports what it found.",
        "retort search recipes/digits-search.json", "retort search recipes/digits-search.json --jobs 2 --set search.strategy.trials=32"),
        recipe =>
        {
            if (recipe.Search is null) throw new InvalidDataException(
                $"{recipe.Name}.json has no \"search\": it says what is searched over, as in \"search\": {{ \"over\": [{{ \"name\": \"choice\", \"option\": \"method.temperature\", \"values\": [1, 2, 4] }}] }}.");
        });
}
