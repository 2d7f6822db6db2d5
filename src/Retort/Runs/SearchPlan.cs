using System.Text.Json.Nodes;
using Retort.Recipes;
using Retort.Teachers;
using Retort.Training;
using static Retort.Recipes.SearchedOptions;

namespace Retort.Runs;

/// <summary>
/// The trials of a search. The plan is a function of the recipe alone, so that all processes of a run have the same
/// plan.
/// </summary>
sealed class SearchPlan
{
    /// <summary>The first seed of a trial's runs; none of their seeds is reported.</summary>
    public const int FirstSeed = 1001;

    const int MaxTrials = 10_000;
    const int MaxDraws = 100;                               // of one trial; also a key of random streams: it must stay

    readonly Recipe _recipe;
    readonly SearchOptions _search;

    public SearchPlan(Recipe recipe)
    {
        _recipe = recipe;
        _search = recipe.SearchOrTuning ?? throw new InvalidOperationException($"{recipe.Name} has no search.");
    }

    /// <summary>The seeds of each trial's runs; none of them is reported.</summary>
    public IReadOnlyList<int> Seeds => [.. Enumerable.Range(FirstSeed, _search.Seeds)];

    /// <summary>
    /// Whether of equal primary scores the first trial is chosen: the lowest learning rate of a tuning.
    /// </summary>
    public bool PrefersFirst => _recipe.Search is null;

    /// <summary>Whether an option that control and student must share is searched over.</summary>
    public bool HasShared => _search.Over.Any(searched => IsShared(searched.Option));

    /// <summary>The trials of the student, over all options.</summary>
    public IReadOnlyList<Trial> Student => field ??= Combinations(_search.Over, salt: 0);

    /// <summary>
    /// The trials of the control, over the training options that it need not share with the student; empty where there
    /// are none.
    /// </summary>
    public IReadOnlyList<Trial> Control => field ??= ControlOptions is { Count: > 0 } options && _recipe.HasControl
        ? Combinations(options, salt: 1)
        : [];

    /// <summary>
    /// The teachers of the student's trials, each trained once; empty where all trials have the run's teacher.
    /// </summary>
    public IReadOnlyList<Trial> Teachers => field ??= SearchedIn("teacher") is null ? []
        : [.. Student.Select(trial => SettingsOf(trial.Settings, "teacher")).DistinctBy(Key)
            .Select((settings, i) => new Trial(i + 1, settings))];

    /// <summary>The learning rates that a tuning tries for the teacher; empty where it tries none.</summary>
    public IReadOnlyList<Trial> TeacherRates => field ??= [.. (_recipe.Tuning?.TeacherLearningRates ?? []).Order()
        .Select((rate, i) => new Trial(i + 1, [KeyValuePair.Create(TeacherRate, (JsonNode)JsonValue.Create(rate))]))];

    /// <summary>The training of the recipe's teacher.</summary>
    public TrainingOptions TeacherTraining => ((TrainedTeacherOptions)_recipe.TeacherItself!).Training;

    /// <summary>
    /// A recipe for each method that is tried, and for each network and batch size where they are searched over.
    /// </summary>
    public IEnumerable<Recipe> Methods => Student
        .Select(trial => SettingsOf(trial.Settings, "method", "student", "training.batchSize"))
        .DistinctBy(Key).Select(Applied);

    /// <summary>The epochs after which the trials are compared; the last is the whole training.</summary>
    public IReadOnlyList<int> Rungs => field ??= [.. RungEpochs()];

    /// <summary>The passes over the data that all trials of the student take.</summary>
    public long Passes
    {
        get
        {
            var (trials, before, passes) = (Student.Count, 0, 0L);
            foreach (var epochs in Rungs)
            {
                passes += (long)trials * (epochs - before) * _search.Seeds;
                trials = Surviving(trials);
                before = epochs;
            }
            return passes;
        }
    }

    /// <summary>Whether control and student must share an option: the network, the data and the batch size.</summary>
    public static bool IsShared(string option) =>
        IsOf(option, "student") || IsOf(option, "data") || option == "training.batchSize";

    /// <summary>Refuses a search that is not possible, before anything is trained.</summary>
    public void Check()
    {
        if (_recipe is { Tuning: not null, Search: not null }) throw new InvalidDataException(
            $"{_recipe.Name} has both tuning and search; a search over training.learningRate is the tuning.");
        if (SearchedIn("data") is { } option && _recipe.Teacher is CachedTeacherOptions) throw new InvalidDataException(
            $"search: {option} cannot be searched over with a cached teacher, whose outputs are for one augmentation; "
            + "leave the cache out.");
        if (TeacherRates.Count > 0 && _recipe.TeacherItself is not TrainedTeacherOptions)
            throw new InvalidDataException($"{_recipe.Name}: tuning.teacherLearningRates needs a teacher that the "
                + $"recipe trains; {NameOf(_recipe.TeacherItself)} came.");
        foreach (var trial in Student.Concat(Control)) Check(trial);
    }

    /// <summary>The teacher of a combination.</summary>
    public Trial TeacherOf(IEnumerable<KeyValuePair<string, JsonNode>> settings)
    {
        var key = Key(SettingsOf(settings, "teacher"));
        return Teachers.First(teacher => Key(teacher.Settings) == key);
    }

    /// <summary>How many of these trials continue to the next rung.</summary>
    public int Surviving(int trials) =>
        _search.Strategy is HalvingOptions halving ? (trials + halving.Factor - 1) / halving.Factor : trials;

    /// <summary>The recipe with a trial's settings and without the search.</summary>
    public Recipe Applied(Trial trial) => Applied(trial.Settings);

    /// <summary>The recipe with these settings and without the search.</summary>
    public Recipe Applied(IEnumerable<KeyValuePair<string, JsonNode>> settings)
    {
        var path = Path.Combine(_recipe.Folder, _recipe.Name + ".json");
        return Recipe.Parse(RecipeWithoutSearch, path, [.. settings.Select(Text)], source: "search:");
    }

    string RecipeWithoutSearch => field ??= (_recipe with { Search = null, Tuning = null }).ToJson(_recipe.Folder);

    string TeacherRate => (_recipe.Teacher is CachedTeacherOptions ? "teacher." : "") + "teacher.training.learningRate";

    List<SearchedOptions> ControlOptions =>
        [.. _search.Over.Where(searched => IsOf(searched.Option, "training") && !IsShared(searched.Option))];

    // the first option in this section that is searched over
    string? SearchedIn(string section) =>
        _search.Over.FirstOrDefault(searched => IsOf(searched.Option, section))?.Option;

    static IReadOnlyList<KeyValuePair<string, JsonNode>> SettingsOf(
        IEnumerable<KeyValuePair<string, JsonNode>> settings, params string[] sections) =>
        [.. settings.Where(setting => sections.Any(section => IsOf(setting.Key, section)))];

    static string Key(IReadOnlyList<KeyValuePair<string, JsonNode>> settings) =>
        string.Join('\n', settings.Select(Text));

    static string Text(KeyValuePair<string, JsonNode> setting) => $"{setting.Key}={setting.Value.ToJsonString()}";

    void Check(Trial trial)
    {
        var applied = Applied(trial);
        var method = Recipe.Write(applied.Method)["name"];
        if (_search.Strategy is HalvingOptions && applied.Method is ProcedureOptions) throw new InvalidDataException(
            $"search: halving compares trainings that are not finished, and the method {method} trains several "
            + "networks one after another; grid and random suit it.");
        if (applied.HasControl && !_recipe.HasControl) throw new InvalidDataException(
            $"search: the method {method} needs a control, and a recipe with the method \"labels\" has none; write "
            + $"{method} into the recipe and search over labels too.");
        if (SearchedIn("teacher") is { } option && applied.Teacher is not TrainedTeacherOptions)
            throw new InvalidDataException($"search: {option} can be searched over where the recipe trains the teacher "
                + $"and does not cache it; {NameOf(applied.Teacher)} came.");
        RecipeRules.Check(applied);
    }

    static string NameOf(TeacherOptions? teacher) =>
        teacher is null ? "none" : $"\"{Recipe.Write(teacher)["name"]}\"";

    IReadOnlyList<Trial> Combinations(IReadOnlyList<SearchedOptions> over, int salt)
    {
        var combinations = _search.Strategy switch
        {
            RandomOptions random => Draw(over, random.Trials, salt),
            HalvingOptions halving => Draw(over, halving.Trials, salt),
            _ => Grid(over),
        };
        return [.. combinations.Select((values, i) => new Trial(i + 1, Settings(values)))];

        IReadOnlyList<KeyValuePair<string, JsonNode>> Settings(IReadOnlyList<JsonNode> values) =>
            [.. over.Zip(values, (searched, value) => KeyValuePair.Create(searched.Option, value))];
    }

    static List<IReadOnlyList<JsonNode>> Grid(IReadOnlyList<SearchedOptions> over)
    {
        List<IReadOnlyList<JsonNode>> rows = [[]];
        foreach (var searched in over)
        {
            rows = [.. rows.SelectMany(
                row => searched.Grid.Select(value => (IReadOnlyList<JsonNode>)[.. row, value]))];
            if (rows.Count > MaxTrials) throw new InvalidDataException(
                Invariant($"search: the grid must have at most {MaxTrials} combinations; ")
                + Invariant($"it has {rows.Count} by {searched.Option} already."));
        }
        return rows;
    }

    // each trial has a random stream of its own, so that a larger number of trials begins with the same ones; a
    // combination that was drawn before is drawn again, unless there are hardly any others
    List<IReadOnlyList<JsonNode>> Draw(IReadOnlyList<SearchedOptions> over, int trials, int salt)
    {
        var rows = new List<IReadOnlyList<JsonNode>>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < trials; i++)
            for (var attempt = 0; attempt < MaxDraws; attempt++)
            {
                var random = new RandomStream(_search.Seed, StreamKey.Search, salt * MaxDraws + attempt, i);
                List<JsonNode> row = [];
                foreach (var searched in over) row.Add(searched.Draw(ref random));
                if (!known.Add(string.Join(' ', row.Select(value => value.ToJsonString())))) continue;

                rows.Add(row);
                break;
            }
        return rows;
    }

    IEnumerable<int> RungEpochs()
    {
        var all = _recipe.Training.Epochs;
        if (_search.Strategy is HalvingOptions halving)
            for (var epochs = (long)halving.FirstEpochs; epochs < all; epochs *= halving.Factor)
                yield return (int)epochs;
        yield return all;
    }
}
