using Retort.Recipes;
using System.Globalization;
using Retort.Training;

namespace Retort.Runs;

/// <summary>The search of the learning rate: what its trials found, and which rate each side keeps.</summary>
static class Tuning
{
    /// <summary>Reads what the trials left; the rate with the highest mean validation accuracy is chosen, of equals the lower.</summary>
    public static TuningTable Table(Recipe recipe, LearningTask task, Predictions? teacher, string run)
    {
        var (tuning, diverged) = (recipe.Tuning!, new List<string>());
        var seeds = Enumerable.Range(Part.FirstTrialSeed, tuning.Seeds).ToList();
        var control = recipe.HasControl ? Side("control") : [];
        var student = Side("student");
        var chosen = new TunedRates(
            control.Count == 0 ? recipe.Training.LearningRate : Best("control", control), Best("student", student));
        return new(tuning.LearningRates, seeds, control, student, chosen) { Diverged = diverged };

        List<IReadOnlyList<double>> Side(string side) =>
            [.. tuning.LearningRates.Select(rate => (IReadOnlyList<double>)[.. seeds.Select(seed => Found(new(side, seed, rate)))])];

        double Found(Part trial)
        {
            if (Card(trial.In(run)).Diverged is not { } sentence)
                return task.EvaluateEpoch(PredictionsFile.Read(Path.Combine(trial.In(run), PredictionsFile.Name), "validation"), teacher)[task.Primary.Name];
            diverged.Add(sentence);
            return 0;
        }

        double Best(string side, List<IReadOnlyList<double>> found)
        {
            if (found.All(row => row.All(accuracy => accuracy == 0)) && diverged.FirstOrDefault(Of(side)) is { } first)
                throw new DivergedException($"No learning rate of the {side}'s search ({string.Join(", ", tuning.LearningRates.Select(
                    rate => rate.ToString(CultureInfo.InvariantCulture)))}) can be used. {first}");
            return tuning.LearningRates.Zip(found).OrderByDescending(row => task.Primary.Rank(row.Second.Average())).ThenBy(row => row.First).First().First;
        }

        static Func<string, bool> Of(string side) => sentence => sentence.StartsWith($"tuning/{side}-", StringComparison.Ordinal);
    }

    static NetworkConfig Card(string folder) =>
        JsonFile.Read<NetworkConfig>(Path.Combine(folder, "config.json"), "a network");
}
