using Retort.Recipes;
using System.Text.Json;
using System.Text.Json.Nodes;
using Retort.Tensors.Files;
using Retort.Training;

namespace Retort.Runs;

/// <summary>Carries a search out, rung after rung, and reads what it found.</summary>
static class Search
{
    /// <summary>Its table's file.</summary>
    public static string File(string run) => Path.Combine(run, "search.json");

    /// <summary>
    /// Trains the trials that are still to be trained, the student's first (the control is tried with what it shares
    /// with the student as it was found) and before them the teachers they ask, and writes the table.
    /// </summary>
    /// <param name="recipe">With a search.</param>
    /// <param name="task">Whose scores compare the trials.</param>
    /// <param name="run">The run's folder.</param>
    /// <param name="carryOut">Carries parts out, side by side where there is room.</param>
    public static void Run(Recipe recipe, LearningTask task, string run, Action<IReadOnlyList<Part>> carryOut)
    {
        var plan = new SearchPlan(recipe);
        carryOut(Teachers(recipe));
        var student = Side("student", plan.Student);
        AtomicFile.Write(Draft(run), JsonSerializer.Serialize(student, Json.Indented) + "\n");
        var control = plan.Control.Count == 0 ? null : Side("control", plan.Control);
        AtomicFile.Write(File(run), JsonSerializer.Serialize(new SearchTable(Seeds(recipe), plan.Rungs, student, control), Json.Indented) + "\n");
        foreach (var checkpoint in Directory.EnumerateFiles(Path.Combine(run, "search"), "checkpoint.safetensors", SearchOption.AllDirectories).ToList())
            System.IO.File.Delete(checkpoint);                              // of what was given up

        SearchedSide Side(string role, IReadOnlyList<Trial> trials)
        {
            var scores = trials.ToDictionary(trial => trial.Number, _ => new List<RungScore>());
            var open = trials;
            foreach (var epochs in plan.Rungs)
            {
                carryOut([.. open.SelectMany(trial => Seeds(recipe).Select(seed => new Part(role, seed) { Trial = trial.Number, Epochs = epochs }))]);
                foreach (var trial in open) scores[trial.Number].Add(Score(run, role, Seeds(recipe), trial.Number, epochs));
                if (epochs != plan.Rungs[^1]) open = [.. Ranked(task, open, scores).Take(plan.Surviving(open.Count))];
            }
            var best = Ranked(task, open, scores)[0];
            if (scores[best.Number][^1].Score is null) throw new DivergedException(
                $"No trial of the {role}'s search can be used: the loss of each stopped being a number. A lower training.learningRate or a training.maxGradientNorm usually helps.");
            return new([.. trials.Select(trial => new SearchedTrial(trial.Number, trial.Settings.ToDictionary(one => one.Key, one => one.Value), scores[trial.Number]))], best.Number);
        }
    }

    /// <summary>The recipe of a trial, or of a reported network once the search is over.</summary>
    public static Recipe Settled(Recipe recipe, string run, Part part)
    {
        var plan = new SearchPlan(recipe);
        return plan.Applied(part switch
        {
            { Role: "teacher", Trial: { } number } => plan.Teachers[number - 1].Settings,
            { Role: "teacher" } => plan.Teachers.Count == 0 ? [] : plan.TeacherOf(Found().Student.Best.Settings).Settings,
            { Role: "student", Trial: { } number } => plan.Student[number - 1].Settings,
            { Role: "student" } => Found().Student.Best.Settings,
            { Trial: { } number } => [.. Shared(ReadJson<SearchedSide>(Draft(run)).Best), .. plan.Control[number - 1].Settings],
            _ => [.. Shared(Found().Student.Best), .. Found().Control?.Best.Settings ?? new Dictionary<string, JsonNode>()],
        });

        SearchTable Found() => ReadJson<SearchTable>(File(run));

        static IEnumerable<KeyValuePair<string, JsonNode>> Shared(SearchedTrial trial) => trial.Settings.Where(one => SearchPlan.IsShared(one.Key));
    }

    /// <summary>The teachers that are tried; empty where one teaches all.</summary>
    public static IReadOnlyList<Part> Teachers(Recipe recipe) => [.. new SearchPlan(recipe).Teachers.Select(teacher => Teacher(recipe, teacher))];

    /// <summary>Whom a part asks, or who it is: a teacher that is tried, or the run's.</summary>
    public static Part? TeacherOf(Recipe recipe, Part part)
    {
        var plan = new SearchPlan(recipe);
        return part switch
        {
            { Role: "teacher" } => part,
            { Role: "student", Trial: { } number } when plan.Teachers.Count > 0 => Teacher(recipe, plan.TeacherOf(plan.Student[number - 1].Settings)),
            _ => Part.Teacher(recipe) is [var only] ? only : null,
        };
    }

    /// <summary>Where teachers were tried, the best student's.</summary>
    public static Part? ChosenTeacher(Recipe recipe, string run) => new SearchPlan(recipe) is { Teachers.Count: > 0 } plan
        ? Teacher(recipe, plan.TeacherOf(ReadJson<SearchTable>(File(run)).Student.Best.Settings)) : null;

    static Part Teacher(Recipe recipe, Trial trial) => Part.Teacher(recipe)[0] with { Trial = trial.Number };

    /// <summary>The seeds of its runs.</summary>
    public static IReadOnlyList<int> Seeds(Recipe recipe) => [.. Enumerable.Range(Part.FirstTrialSeed, recipe.Search!.Seeds)];

    // what the student's search found, before the control's has begun
    static string Draft(string run) => Path.Combine(run, "search", "student.json");

    static List<Trial> Ranked(LearningTask task, IReadOnlyList<Trial> trials, Dictionary<int, List<RungScore>> scores) =>
        [.. trials.OrderBy(trial => trial, Comparer<Trial>.Create((one, other) => Compare(task, scores[one.Number][^1], scores[other.Number][^1])))
            .ThenBy(trial => trial.Number)];

    // the better first; what diverged last
    static int Compare(LearningTask task, RungScore one, RungScore other)
    {
        if (one.Score is not { } first || other.Score is not { } second) return (one.Score is null).CompareTo(other.Score is null);
        var order = task.Primary.Rank(second).CompareTo(task.Primary.Rank(first));
        return order != 0 || task.TieBreaker is not { } tie ? order
            : tie.Rank(other.TieBreaker ?? 0).CompareTo(tie.Rank(one.TieBreaker ?? 0));
    }

    static RungScore Score(string run, string role, IReadOnlyList<int> seeds, int trial, int epochs)
    {
        var marks = seeds.Select(seed => ReadJson<RungMark>(new Part(role, seed) { Trial = trial, Epochs = epochs }.MarkIn(run))).ToList();
        return marks.Any(mark => mark.Score is null) ? new(epochs, null, null)
            : new(epochs, marks.Average(mark => mark.Score), marks.Average(mark => mark.TieBreaker));
    }

    static T ReadJson<T>(string path) where T : class => JsonFile.Read<T>(path, "a search");
}
