using Retort.Recipes;
using Retort.Runtime.Knowledge;
using Retort.Training;

namespace Retort.Runs;

/// <summary>A network's knowledge base in its folder, and the predictions that are made with it.</summary>
static class RetrievalPredictions
{
    /// <summary>Opens the knowledge base of a network's folder.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or belongs to another network.</exception>
    public static KnowledgeBase Open(string folder, NetworkConfig config)
    {
        var name = config.KnowledgeFile!;
        if (name != Path.GetFileName(name)) throw new InvalidDataException(
            $"{Path.Combine(folder, NetworkFiles.Config)}: a knowledge base must be beside the file; it is \"{name}\".");

        var knowledge = KnowledgeBase.Open(Path.Combine(folder, name));
        var hash = NetworkFiles.WeightsHash(folder);
        if (knowledge.StudentHash == hash) return knowledge;

        knowledge.Dispose();
        throw new InvalidDataException(
            $"{knowledge.Path} must belong to {Path.Combine(folder, NetworkFiles.Weights)}, with the SHA-256 {hash}; "
            + $"it belongs to a file with {knowledge.StudentHash}.");
    }

    /// <summary>
    /// Writes the predictions of a student's folder again, with its knowledge base: those with the selected weights,
    /// with the last ones, and on the training examples where they are there.
    /// </summary>
    public static void Write(JobContext context, string folder, NetworkConfig config, bool isTrial)
    {
        using var knowledge = Open(folder, config);
        var model = Recipe.Read<ModelOptions>(config.Network, Path.Combine(folder, NetworkFiles.Config));
        WriteFor(NetworkFiles.LastWeights, PredictionsFile.LastEpochName, writesTraining: false);
        WriteFor(NetworkFiles.Weights, PredictionsFile.Name,
            writesTraining: File.Exists(Path.Combine(folder, PredictionsFile.TrainingName)));

        void WriteFor(string weights, string file, bool writesTraining)
        {
            using var network = NetworkFiles.Load(folder, model, context.Data.Info, weights);
            network.to(context.Device).ToMemoryFormat(network.PreferredFormat);
            List<(string, Predictions)> found = [("validation", Predict(context.Data.Validation))];
            if (!isTrial) found.Add(("test", Predict(context.Data.Test)));
            PredictionsFile.Write(Path.Combine(folder, file), found);
            if (!writesTraining) return;

            var training = Predict(context.Data.Labelled, leaveOneOut: true);
            PredictionsFile.Write(Path.Combine(folder, PredictionsFile.TrainingName), ("training", training));

            Predictions Predict(IDataSplit split, bool leaveOneOut = false) =>
                RetrievalEvaluator.Predict(network, knowledge, split, context.Device, leaveOneOut);
        }
    }
}
