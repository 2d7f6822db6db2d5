using Retort.Training;
using Retort.Recipes;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Retort.Runs;

/// <summary>One piece of work of a run: the teacher, a control or student of a pair, or a trial of a learning rate.</summary>
/// <param name="Role"><c>teacher</c>, <c>control</c> or <c>student</c>.</param>
/// <param name="Seed">Of initial weights, order and augmentation.</param>
/// <param name="Rate">Of a trial: the learning rate that is tried.</param>
sealed partial record Part(string Role, int Seed, double? Rate = null)
{
    /// <summary>The first seed of a search.</summary>
    public const int FirstTrialSeed = 1001;

    /// <summary>Of a search over options: the combination that is tried; null outside of one.</summary>
    public int? Trial { get; init; }

    /// <summary>Of a search: the epochs after which it is compared, since its beginning.</summary>
    public int Epochs { get; init; }

    /// <summary>Whether it serves a search and must not see the test part.</summary>
    public bool IsTrial => Rate is not null || Trial is not null;

    /// <summary>As progress and child processes call it.</summary>
    public string Name => Role == "teacher" && Trial is null ? Role : Trial is { } trial
        ? string.Create(CultureInfo.InvariantCulture, $"search/{Role}-{trial:000}-seed{Seed}@{Epochs}")
        : Rate is { } rate
        ? string.Create(CultureInfo.InvariantCulture, $"tuning/{Role}-{rate}-seed{Seed}")
        : string.Create(CultureInfo.InvariantCulture, $"{Role}-seed{Seed}");

    /// <summary>Its folder in a run's.</summary>
    public string In(string run) => IsTrial ? Path.Combine([run, .. Name.Split('@')[0].Split('/')]) : Path.Combine(run, "networks", Name);

    /// <summary>Of a search: what is written last of a rung.</summary>
    public string MarkIn(string run) => Path.Combine(In(run), string.Create(CultureInfo.InvariantCulture, $"rung-{Epochs:000}.json"));

    /// <summary>Whether nothing of it is left to do: its card (of a search's control or student: its mark) is written last.</summary>
    public bool IsDone(string run) => File.Exists(Trial is null || Role == "teacher" ? Path.Combine(In(run), "config.json") : MarkIn(run));

    /// <summary>The reported networks, pair after pair.</summary>
    public static IReadOnlyList<Part> Pairs(Recipe recipe) =>
        [.. Enumerable.Range(1, recipe.Seeds).SelectMany(seed => Sides(recipe).Select(side => new Part(side, seed)))];

    /// <summary>The trials, in the order of the table.</summary>
    public static IReadOnlyList<Part> Trials(Recipe recipe) => recipe.Tuning is not { } tuning ? [] :
    [
        .. from rate in tuning.LearningRates
           from side in Sides(recipe)
           from seed in Enumerable.Range(FirstTrialSeed, tuning.Seeds)
           select new Part(side, seed, rate),
    ];

    /// <summary>The teacher, if the recipe has one: trained, or opened and asked where it is given.</summary>
    public static IReadOnlyList<Part> Teacher(Recipe recipe) => recipe.TeacherItself switch
    {
        null => [],
        TrainedTeacherOptions trained => [new("teacher", trained.Seed)],
        _ => [new("teacher", Seed: 0)],
    };

    /// <summary>The part of this name.</summary>
    public static Part Named(Recipe recipe, string name) =>
        Teacher(recipe).Concat(Trials(recipe)).Concat(Pairs(recipe)).FirstOrDefault(part => part.Name == name)
        ?? (recipe.Search is null ? null : Searched(name))
        ?? throw new ArgumentException($"This run has no part '{name}'.", nameof(name));

    static Part? Searched(string name) => SearchedName().Match(name) is { Success: true, Groups: var found }
        ? new(found[1].Value, Number(found[3])) { Trial = Number(found[2]), Epochs = Number(found[4]) } : null;

    static int Number(Group digits) => int.Parse(digits.ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex("^search/(teacher|control|student)-([0-9]{3,9})-seed([0-9]{1,9})@([0-9]{1,9})$")]
    private static partial Regex SearchedName();

    static IReadOnlyList<string> Sides(Recipe recipe) => recipe.HasControl ? ["control", "student"] : ["student"];
}
