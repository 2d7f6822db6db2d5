using System.Text.Json.Nodes;
using Retort.Training;

namespace Retort.Recipes.Searching;

/// <summary>One combination: options by path, as they are put into the recipe.</summary>
/// <param name="Number">From 1 on, in the order of the plan.</param>
/// <param name="Settings">Path and value.</param>
sealed record Trial(int Number, IReadOnlyList<KeyValuePair<string, JsonNode>> Settings);

/// <summary>
/// What a search tries: a function of the recipe alone, so that every process has the same plan and none needs to be told.
/// </summary>
sealed class SearchPlan
{
    const int MostTrials = 10_000;
    readonly Recipe _recipe;
    readonly SearchOptions _search;

    public SearchPlan(Recipe recipe) =>
        (_recipe, _search) = (recipe, recipe.Search ?? throw new InvalidOperationException($"{recipe.Name} has no search."));

    /// <summary>A value that an option refuses is said before anything is trained.</summary>
    public void Check()
    {
        if (_recipe.Tuning is not null) throw new InvalidDataException(
            $"{_recipe.Name} has both tuning and search; a search over training.learningRate is the tuning.");
        if (_search.Strategy is HalvingOptions && _recipe.Method is ProcedureOptions) throw new InvalidDataException(
            $"search: halving compares trainings under way, and {_recipe.Name}'s method trains several networks one after another; grid and random suit it.");
        try
        {
            foreach (var trial in Student.Concat(Control)) Applied(trial);
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException(error.Message.Replace("--set ", "search: ", StringComparison.Ordinal), error);
        }
    }

    /// <summary>Of the student, over all options.</summary>
    public IReadOnlyList<Trial> Student => field ??= Combinations(_search.Over, salt: 0);

    /// <summary>Of the control, over those of its training; empty where there are none.</summary>
    public IReadOnlyList<Trial> Control => field ??= Own is { Count: > 0 } own && _recipe.HasControl ? Combinations(own, salt: 1) : [];

    /// <summary>Epochs after which the trials are compared; the last is the whole training.</summary>
    public IReadOnlyList<int> Rungs => field ??= [.. Epochs()];

    /// <summary>How many of so many go on to the next rung.</summary>
    public int Surviving(int trials) => _search.Strategy is HalvingOptions halving ? (trials + halving.Factor - 1) / halving.Factor : trials;

    /// <summary>The recipe as a trial has it.</summary>
    public Recipe Applied(Trial trial) => Applied(trial.Settings);

    /// <summary>The recipe with these settings and without the search.</summary>
    public Recipe Applied(IEnumerable<KeyValuePair<string, JsonNode>> settings) =>
        Recipe.Parse(Plain, Path.Combine(_recipe.Folder, _recipe.Name + ".json"), [.. settings.Select(one => $"{one.Key}={one.Value.ToJsonString()}")]);

    /// <summary>The recipe's text without the search.</summary>
    string Plain => field ??= (_recipe with { Search = null }).ToJson(_recipe.Folder);

    List<SearchedOptions> Own => [.. _search.Over.Where(one => one.Option.StartsWith("training.", StringComparison.Ordinal))];

    IReadOnlyList<Trial> Combinations(IReadOnlyList<SearchedOptions> over, int salt)
    {
        List<IReadOnlyList<JsonNode>> found = _search.Strategy switch
        {
            RandomOptions random => Drawn(over, random.Trials, salt),
            HalvingOptions halving => Drawn(over, halving.Trials, salt),
            _ => Grid(over),
        };
        return [.. found.Select((values, i) => new Trial(i + 1, [.. over.Zip(values, (one, value) => KeyValuePair.Create(one.Option, value))]))];
    }

    static List<IReadOnlyList<JsonNode>> Grid(IReadOnlyList<SearchedOptions> over)
    {
        List<IReadOnlyList<JsonNode>> rows = [[]];
        foreach (var one in over)
        {
            rows = [.. rows.SelectMany(row => one.Grid.Select(value => (IReadOnlyList<JsonNode>)[.. row, value]))];
            if (rows.Count > MostTrials) throw new InvalidDataException(FormattableString.Invariant(
                $"search: the grid must have at most {MostTrials} combinations; it has {rows.Count} by {one.Option} already."));
        }
        return rows;
    }

    // each trial's draws are its own, so that more trials leave the first ones as they were; what was drawn before is drawn
    // again, unless there is hardly anything else
    List<IReadOnlyList<JsonNode>> Drawn(IReadOnlyList<SearchedOptions> over, int trials, int salt)
    {
        const int patience = 100;
        var (rows, seen) = (new List<IReadOnlyList<JsonNode>>(), new HashSet<string>(StringComparer.Ordinal));
        for (var i = 0; i < trials; i++)
            for (var attempt = 0; attempt < patience; attempt++)
            {
                var chance = new Chance(_search.Seed, Purpose.Search, salt * patience + attempt, i);
                List<JsonNode> row = [];
                foreach (var one in over) row.Add(one.Drawn(ref chance));
                if (!seen.Add(string.Join(' ', row.Select(value => value.ToJsonString())))) continue;
                rows.Add(row);
                break;
            }
        return rows;
    }

    IEnumerable<int> Epochs()
    {
        var all = _recipe.Training.Epochs;
        if (_search.Strategy is HalvingOptions halving)
            for (var epochs = (long)halving.FirstEpochs; epochs < all; epochs *= halving.Factor) yield return (int)epochs;
        yield return all;
    }
}
