using Google.Protobuf;
using Retort.Recipes;
using Retort.Runs;
using Retort.Runtime.Metrics;
using Retort.Runtime.Wire;
using Retort.Tensors.Files;
using Retort.Tensors.Native;
using Retort.Training;

namespace Retort.Export;

/// <summary>
/// A network of a run as a folder to deploy: the graph, the weights, a description of both, and how they were made. It
/// is written whole, and only when the graph's outputs are those of the network.
/// </summary>
public static class StudentFolder
{
    /// <summary>The format that <c>config.json</c> states.</summary>
    public const string Format = Runtime.StudentConfig.Format;

    /// <summary>Exports one network of a run.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="options">Which network, where to, and what beside it.</param>
    /// <param name="token">Cancelled, nothing is left behind.</param>
    /// <exception cref="InvalidOperationException">
    /// The graph's outputs differ from the network's, the network does not offer an output, or the folder exists.
    /// </exception>
    /// <exception cref="NotSupportedException">The network cannot be written as a graph.</exception>
    /// <exception cref="InvalidDataException">
    /// The run holds no such network, or its data is not the data that it was trained on.
    /// </exception>
    public static ExportResult Write(string run, ExportOptions options, CancellationToken token = default)
    {
        var name = RunNetworks.NameOf(run, options.Network);
        var source = RunNetworks.FolderOf(run, name);
        var target = Path.GetFullPath(options.Folder ?? Path.Combine(run, "export", name));
        if (Path.Exists(target)) throw new InvalidOperationException(
            $"{target} is there already: choose another folder with --out, or remove it first.");
        NativeLoader.EnsureLoaded();
        var recipe = Recipe.Read(Path.Combine(run, "recipe.json"));
        var data = recipe.Source.Open();
        using var saved = SavedNetwork.Open(source);
        if (saved.Config.DataHash != data.Hash) throw new InvalidDataException(
            $"{source} was trained on data with hash {saved.Config.DataHash}; what the run's recipe names has "
            + $"{data.Hash} now.");
        var fed = saved.Config.Role == "teacher" ? ForTeacher(data) : data;
        SavedNetwork.CheckStored(source, saved.Predict(fed.Validation), "validation");
        var export = new Export(run, source, target, recipe, fed, saved);
        return ExportDraft.Write(target, draft => export.Fill(draft, options, token), token) with
        {
            Folder = target, Network = name,
        };
    }

    // a teacher with a front end of its own is fed other inputs than a student
    static Dataset ForTeacher(Dataset data) => new()
    {
        Name = data.Name, Hash = data.Hash, StudentFiles = data.StudentFiles, Training = TeacherSplit.Of(data.Training),
        Labelled = TeacherSplit.Of(data.Labelled), TeacherTraining = TeacherSplit.Of(data.TeacherTraining),
        Validation = TeacherSplit.Of(data.Validation), Test = TeacherSplit.Of(data.Test),
    };

    sealed record Export(
        string Run, string Source, string Target, Recipe Recipe, Dataset Data, SavedNetwork Saved)
    {
        public ExportResult Fill(string draft, ExportOptions options, CancellationToken token)
        {
            var card = Saved.Config;
            var task = card.TaskOf();
            var temperature = options.ScalesTemperature ? FitTemperature(task) : (double?)null;
            var outputs = task.Output | options.Outputs
                | (Saved.Knowledge is null ? OutputSet.None : Output.Embedding);
            var model = OnnxExporter.Model(Saved.Network, card.Data, outputs, temperature ?? 1);
            List<(string Name, string Path)> graphs = [WriteGraph(draft, "float32", "model.onnx", model)];
            var (worst, count) = ExportCheck.Compare(graphs[0].Path, Saved.Network, Data, outputs, temperature ?? 1);
            token.ThrowIfCancellationRequested();

            var leftOut = new List<string>();
            if (options.IncludeInt8) Add("int8", () => Variants.Int8(model, Data));
            if (options.IncludeFloat16) Add("float16", () => HalfPrecision.Of(model));
            token.ThrowIfCancellationRequested();
            var variants = Variants.Measure(
                graphs, Data, task, RunNetworks.TeacherPredictions(Run, "test"), options.Clock, Saved.Knowledge);
            var result = new ExportResult(draft, "", count, worst, task.Primary, variants, leftOut, temperature);
            WriteFiles(draft, model, task, result);
            return result;

            // a graph that cannot be written, or whose outputs are not finite, is left out with a sentence
            void Add(string name, Func<ModelProto> make)
            {
                try
                {
                    var graph = WriteGraph(draft, name, $"model.{name}.onnx", make());
                    if (Variants.Defect(name, graph.Path, Data, task.Output) is not { } defect) graphs.Add(graph);
                    else
                    {
                        leftOut.Add(defect);
                        File.Delete(graph.Path);
                    }
                }
                catch (NotSupportedException error)
                {
                    leftOut.Add($"{name} is left out: {error.Message}");
                }
            }
        }

        double FitTemperature(LearningTask task)
        {
            if (!task.HasClassProbabilities) throw new InvalidOperationException(
                $"Temperature scaling needs the task \"classification\"; this run's task is \"{task.Name}\".");
            if (Saved.Knowledge is not null) throw new InvalidOperationException(
                "Temperature scaling divides the graph's logits, and a student with a knowledge base does not predict "
                + "with them alone: leave it out.");
            var predictions = PredictionsFile.Read(Path.Combine(Source, PredictionsFile.Name), "validation");
            return TemperatureScaling.Fit(predictions.Values, predictions.Labels);
        }

        // config.json last: it has the hashes of the others
        void WriteFiles(string draft, ModelProto model, LearningTask task, ExportResult result)
        {
            AtomicFile.Copy(Path.Combine(Source, "model.safetensors"), Path.Combine(draft, "model.safetensors"));
            if (Saved.Knowledge is { } knowledge)
                AtomicFile.Copy(knowledge.Path, Path.Combine(draft, Runtime.RetrievalStudent.FileName));
            var classes = Saved.Config.Data.Classes;
            var lines = classes.Select(name => name.OnOneLine() + "\n");
            if (classes.Count > 0) AtomicFile.Write(Path.Combine(draft, "labels.txt"), string.Concat(lines));
            foreach (var (name, content) in Data.StudentFiles)
                AtomicFile.Write(Path.Combine(draft, name), stream => stream.Write(content));
            AtomicFile.Write(Path.Combine(draft, "recipe.json"), Recipe.ToJson(Target) + "\n");
            var card = new ModelCard(
                RunFolder.InfoIn(Run)?.RecipeName ?? Recipe.Name, Saved, Recipe, Data, task, model, result);
            AtomicFile.Write(Path.Combine(draft, "README.md"), card.Text());
            var config = StudentConfigFile.Describe(draft, Saved.Config, Recipe, model, result);
            AtomicFile.Write(Path.Combine(draft, NetworkFiles.Config), config.ToJsonString(Json.Indented) + "\n");
        }

        static (string Name, string Path) WriteGraph(string folder, string name, string file, ModelProto model)
        {
            var path = Path.Combine(folder, file);
            AtomicFile.Write(path, stream => model.WriteTo(stream));
            return (name, path);
        }
    }
}
