using System.Text.Json.Nodes;
using Retort.Recipes;
using Retort.Teachers;
using Retort.Training;
using static Retort.Recipes.SearchedOptions;

namespace Retort.Runs;

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
        (_recipe, _search) = (recipe, recipe.SearchOrTuning ?? throw new InvalidOperationException($"{recipe.Name} has no search."));

    /// <summary>A value that an option refuses is said before anything is trained.</summary>
    public void Check()
    {
        if (_recipe is { Tuning: not null, Search: not null }) throw new InvalidDataException(
            $"{_recipe.Name} has both tuning and search; a search over training.learningRate is the tuning.");
        if (Searched("data") is { } shown && _recipe.Teacher is CachedTeacherOptions) throw new InvalidDataException(
            $"search: {shown} cannot be searched over with a cached teacher, whose answers are to one augmentation; leave the cache out.");
        foreach (var trial in Student.Concat(Control)) Check(trial);
    }

    void Check(Trial trial)
    {
        Recipe applied;
        try
        {
            applied = Applied(trial);
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException(error.Message.Replace("--set ", "search: ", StringComparison.Ordinal), error);
        }
        if (_search.Strategy is HalvingOptions && applied.Method is ProcedureOptions) throw new InvalidDataException(
            $"search: halving compares trainings under way, and the method {Recipe.Write(applied.Method)["name"]} trains several networks one after another; grid and random suit it.");
        if (applied.HasControl && !_recipe.HasControl) throw new InvalidDataException(
            $"search: the method {Recipe.Write(applied.Method)["name"]} wants a control, and a recipe that says \"labels\" trains none; write it into the recipe and search over labels too.");
        if (Searched("teacher") is { } teachers && applied.Teacher is not TrainedTeacherOptions) throw new InvalidDataException(
            $"search: {teachers} can be searched over where the recipe trains the teacher and asks it directly; {(applied.Teacher is null ? "none" : $"\"{Recipe.Write(applied.Teacher)["name"]}\"")} came.");
        RecipeRules.CheckTeacher(applied);
    }

    /// <summary>The seeds of each trial's runs; none of them is reported.</summary>
    public IReadOnlyList<int> Seeds => [.. Enumerable.Range(RunPlan.FirstTrialSeed, _search.Seeds)];

    /// <summary>Whether of equal primary scores the first trial is chosen: the lowest learning rate of a tuning.</summary>
    public bool PrefersFirst => _recipe.Search is null;

    /// <summary>Whether an option is searched over that control and student must share.</summary>
    public bool HasShared => _search.Over.Any(one => IsShared(one.Option));

    string? Searched(string part) => _search.Over.FirstOrDefault(one => IsOf(one.Option, part))?.Option;

    /// <summary>Whether the two of a pair must have it alike: the network, the batch and what they are shown.</summary>
    public static bool IsShared(string option) => IsOf(option, "student") || IsOf(option, "data") || option == "training.batchSize";

    /// <summary>Of the student, over all options.</summary>
    public IReadOnlyList<Trial> Student => field ??= Combinations(_search.Over, salt: 0);

    /// <summary>Of the control, over those of its training that a pair need not share; empty where there are none.</summary>
    public IReadOnlyList<Trial> Control => field ??= Own is { Count: > 0 } own && _recipe.HasControl ? Combinations(own, salt: 1) : [];

    /// <summary>The teachers that the student's trials ask, each trained once; empty where one teaches all.</summary>
    public IReadOnlyList<Trial> Teachers => field ??= Searched("teacher") is null ? [] :
        [.. Student.Select(OfTeacher).DistinctBy(Key).Select((settings, i) => new Trial(i + 1, settings))];

    /// <summary>The teacher of a combination.</summary>
    public Trial TeacherOf(IEnumerable<KeyValuePair<string, JsonNode>> settings)
    {
        var wanted = Key([.. settings.Where(one => IsOf(one.Key, "teacher"))]);
        return Teachers.First(teacher => Key(teacher.Settings) == wanted);
    }

    /// <summary>A recipe for each method that is tried, and for each network where it is searched over too.</summary>
    public IEnumerable<Recipe> Methods => Student.Select(trial => trial.Settings.Where(one => IsOf(one.Key, "method") || IsOf(one.Key, "student")).ToList())
        .DistinctBy(Key).Select(Applied);

    static IReadOnlyList<KeyValuePair<string, JsonNode>> OfTeacher(Trial trial) => [.. trial.Settings.Where(one => IsOf(one.Key, "teacher"))];

    static string Key(IReadOnlyList<KeyValuePair<string, JsonNode>> settings) => string.Join('\n', settings.Select(one => $"{one.Key}={one.Value.ToJsonString()}"));

    /// <summary>Epochs after which the trials are compared; the last is the whole training.</summary>
    public IReadOnlyList<int> Rungs => field ??= [.. Epochs()];

    /// <summary>Passes over the data that the student's trials take.</summary>
    public long Passes
    {
        get
        {
            var (open, before, passes) = (Student.Count, 0, 0L);
            foreach (var epochs in Rungs)
            {
                passes += (long)open * (epochs - before) * _search.Seeds;
                (open, before) = (Surviving(open), epochs);
            }
            return passes;
        }
    }

    /// <summary>How many of so many go on to the next rung.</summary>
    public int Surviving(int trials) => _search.Strategy is HalvingOptions halving ? (trials + halving.Factor - 1) / halving.Factor : trials;

    /// <summary>The recipe as a trial has it.</summary>
    public Recipe Applied(Trial trial) => Applied(trial.Settings);

    /// <summary>The recipe with these settings and without the search.</summary>
    public Recipe Applied(IEnumerable<KeyValuePair<string, JsonNode>> settings) =>
        Recipe.Parse(Plain, Path.Combine(_recipe.Folder, _recipe.Name + ".json"), [.. settings.Select(one => $"{one.Key}={one.Value.ToJsonString()}")]);

    /// <summary>The recipe's text without the search.</summary>
    string Plain => field ??= (_recipe with { Search = null, Tuning = null }).ToJson(_recipe.Folder);

    List<SearchedOptions> Own => [.. _search.Over.Where(one => IsOf(one.Option, "training") && !IsShared(one.Option))];

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
                var chance = new RandomStream(_search.Seed, StreamKey.Search, salt * patience + attempt, i);
                List<JsonNode> row = [];
                foreach (var one in over) row.Add(one.Draw(ref chance));
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
