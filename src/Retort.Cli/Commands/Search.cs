using System.CommandLine;
using Retort.Cli.Grammar;
using Retort.Recipes;

namespace Retort.Cli.Commands;

/// <summary><c>retort search</c>: searches for a recipe's options, and runs the best.</summary>
static class Search
{
    const string Example =
        """{ "over": [{ "name": "choice", "option": "method.temperature", "values": [1, 2, 4] }] }""";

    public static Command Command()
    {
        var command = new CommandWithExamples(
            "search",
            "Searches for a recipe's best options on validation, then trains, tests and reports them.",
            "retort search recipes/kd/digits-search.json",
            "retort search recipes/kd/digits-search.json --jobs 2 --set search.strategy.trials=32");
        return Run.Configure(command, CheckHasSearch);
    }

    static void CheckHasSearch(Recipe recipe)
    {
        if (recipe.Search is not null) return;

        throw new InvalidDataException(
            $"{recipe.Name}.json must have a \"search\" with the options to search over, as in \"search\": {Example}.");
    }
}
