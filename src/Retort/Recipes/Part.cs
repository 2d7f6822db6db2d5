using System.Globalization;

namespace Retort.Recipes;

/// <summary>One piece of work of a run: the teacher, a control or student of a pair, or a trial of a learning rate.</summary>
/// <param name="Role"><c>teacher</c>, <c>control</c> or <c>student</c>.</param>
/// <param name="Seed">Of initial weights, order and augmentation.</param>
/// <param name="Rate">Of a trial: the learning rate that is tried.</param>
sealed record Part(string Role, int Seed, double? Rate = null)
{
    /// <summary>The first seed of the search.</summary>
    public const int FirstTrialSeed = 1001;

    /// <summary>Whether it serves the search of the learning rate and must not see the test part.</summary>
    public bool IsTrial => Rate is not null;

    /// <summary>As progress and child processes call it.</summary>
    public string Name => Role == "teacher" ? Role : Rate is { } rate
        ? string.Create(CultureInfo.InvariantCulture, $"tuning/{Role}-{rate}-seed{Seed}")
        : string.Create(CultureInfo.InvariantCulture, $"{Role}-seed{Seed}");

    /// <summary>Its folder in a run's.</summary>
    public string In(string run) => IsTrial ? Path.Combine([run, .. Name.Split('/')]) : Path.Combine(run, "networks", Name);

    /// <summary>Whether nothing of it is left to do: its card is written last.</summary>
    public bool IsDone(string run) => File.Exists(Path.Combine(In(run), "config.json"));

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
        ?? throw new ArgumentException($"This run has no part '{name}'.", nameof(name));

    static IReadOnlyList<string> Sides(Recipe recipe) => recipe.HasControl ? ["control", "student"] : ["student"];
}
