using System.Text.Json.Nodes;
using Retort.Contracts.Distilled;
using Retort.Recipes;
using Retort.Runs;
using Retort.Tensors.Files;
using Retort.Tensors.Native;
using Retort.Training;

namespace Retort.Export;

/// <summary>A network that learned the samples of a distilled data set, and how it scores on real examples.</summary>
public static class DistilledStudent
{
    const string Name = "student-seed1";

    /// <summary>Trains a network from a folder of distilled data and scores it.</summary>
    /// <param name="folder">The folder with <c>distilled.json</c>.</param>
    /// <param name="recipe">A recipe with the data to score on; its student must be the folder's network.</param>
    /// <param name="seed">
    /// The seed of first weights, where the folder has none; null for that of the run that made it.
    /// </param>
    /// <param name="student">Where a student folder is written; null for none.</param>
    /// <returns>The scores before and after the steps, on validation and test.</returns>
    /// <exception cref="InvalidDataException">
    /// The folder is torn, or of another network or other data than the recipe's.
    /// </exception>
    public static IReadOnlyList<DistilledScores> Apply(
        string folder, Recipe recipe, int? seed = null, string? student = null)
    {
        var card = DistilledFolder.ReadCard(folder);
        var model = Network(folder, card, recipe);
        if (student is not null && Path.Exists(student)) throw new InvalidOperationException(
            $"{student} is there already: choose another folder with --out, or remove it first.");
        if (card.KnownStart && seed is not null) throw new InvalidOperationException(
            $"{folder} has the first weights that its samples are for: leave --seed out.");

        NativeLoader.EnsureLoaded();
        var data = recipe.Source.Open();
        CheckData(folder, card, data.Info);
        using var scope = torch.NewDisposeScope();
        var samples = DistilledFolder.ReadSamples(folder, card);
        using var network = Start(folder, card, model, data.Info, seed ?? card.Seed);
        var task = recipe.TaskOn(data.Info);
        List<DistilledScores> scores = [Scores("before the steps")];

        var function = new NetworkFunction(network, data.Info.Inputs[0]);
        function.SetParameters(samples.Train(function, function.CopyParameters(), seed ?? card.Seed));
        if (Checkpoint.NotFinite(network.state_dict().Select(one => (one.Key, one.Value))) is { } name)
            throw new InvalidDataException($"{folder}: after the steps \"{name}\" of the network is not finite.");
        scores.Add(Scores("after the steps"));
        if (student is not null) WriteStudent();
        return scores;

        DistilledScores Scores(string when) => new(when,
            task.Evaluate(Evaluator.Predict(network, data.Validation, task.Output)),
            task.Evaluate(Evaluator.Predict(network, data.Test, task.Output)), task.Scores);

        // exported as a network of a run is
        void WriteStudent()
        {
            var target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(student!));
            var run = $"{target}.{Guid.NewGuid():N}.run";                   // beside it, and nobody else's
            try
            {
                var own = Path.Combine(run, "networks", Name);
                Directory.CreateDirectory(own);
                SafeTensors.Write(Path.Combine(own, NetworkFiles.Weights), network.state_dict());
                PredictionsFile.Write(Path.Combine(own, PredictionsFile.Name),
                    ("validation", Evaluator.Predict(network, data.Validation, task.Output)),
                    ("test", Evaluator.Predict(network, data.Test, task.Output)));
                var cost = NetworkProbe.Cost(network, task, data.Validation, torch.CPU);
                NetworkFiles.WriteConfig(own, Describe(card, recipe, data, seed ?? card.Seed, cost));
                AtomicFile.Write(Path.Combine(run, "recipe.json"), recipe.ToJson() + "\n");
                StudentFolder.Write(run, new() { Network = Name, Folder = target });
            }
            finally
            {
                if (Directory.Exists(run)) Directory.Delete(run, recursive: true);
            }
        }
    }

    static NetworkConfig Describe(
        DistilledCard card, Recipe recipe, Dataset data, int seed, Cost cost) => new()
    {
        Part = Name,
        Role = "student",
        Network = card.Network,
        Data = data.Info,
        Task = recipe.Task is null ? null : Recipe.Write(recipe.Task),
        Method = new JsonObject { ["name"] = card.Method },
        Training = null,
        Seed = seed,
        Steps = card.Steps * card.Epochs,
        BestStep = card.Steps * card.Epochs,
        DataHash = data.Hash,
        Parameters = cost.Parameters,
        Bytes = cost.Bytes,
        MultiplyAdds = cost.MultiplyAdds,
        ActivationBytes = cost.ActivationBytes,
    };

    static ModelOptions Network(string folder, DistilledCard card, Recipe recipe)
    {
        var given = Recipe.Write(recipe.Student.Architecture());
        if (!JsonNode.DeepEquals(given, card.Network)) throw new InvalidDataException(
            $"{folder} is for the network {card.Network.ToJsonString()}; the recipe's student is "
            + $"{given.ToJsonString()}.");
        return Recipe.Read<ModelOptions>(card.Network, Path.Combine(folder, DistilledFolder.Card));
    }

    static void CheckData(string folder, DistilledCard card, DatasetInfo data)
    {
        if (!card.Data.Classes.SequenceEqual(data.Classes)) throw new InvalidDataException(
            $"{folder} is for the classes {string.Join(", ", card.Data.Classes)}; the recipe's data has "
            + $"{string.Join(", ", data.Classes)}.");
        if (!card.Data.Inputs.SequenceEqual(data.Inputs)) throw new InvalidDataException(
            $"{folder} is for the input {card.Data.Inputs[0]}; the recipe's data has {string.Join(", ", data.Inputs)}, "
            + "or another normalization.");
    }

    static Network Start(string folder, DistilledCard card, ModelOptions model, DatasetInfo data, int seed)
    {
        RandomStream.SeedTorch(seed, StreamKey.Weights);
        var network = ModuleFactory.Create(() => model.Build(data));
        if (DistilledFolder.ReadInitial(folder, card) is { } initial)
            Checkpoint.Load(network.state_dict(), initial, folder);
        else card.FirstWeights.Draw(network);
        return network;
    }
}

/// <summary>Scores of a network that learns distilled samples.</summary>
/// <param name="When">Before or after the steps.</param>
/// <param name="Validation">On validation, by name.</param>
/// <param name="Test">On the test split, by name.</param>
/// <param name="Scores">What they are.</param>
public sealed record DistilledScores(string When, IReadOnlyDictionary<string, double> Validation,
    IReadOnlyDictionary<string, double> Test, IReadOnlyList<Score> Scores);
