using Retort.Recipes;
using Retort.Training;

namespace Retort.Runs;

/// <summary>The predictions of a student with its knowledge base.</summary>
static class RetrievalPredictions
{
    /// <summary>
    /// Writes the predictions of a student's folder again, with its knowledge base: those with the selected weights,
    /// with the last ones, and on the training examples where they are there.
    /// </summary>
    public static void Write(JobContext context, string folder, NetworkConfig config, bool isTrial)
    {
        using var knowledge = SavedKnowledge.Open(folder, config);
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
