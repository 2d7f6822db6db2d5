using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Retort.Recipes;
using Retort.Runs;
using Retort.Runtime.Metrics;
using Retort.Runtime.Wire;
using Retort.Tensors.Files;
using Retort.Tensors.Native;
using Retort.Training;

namespace Retort.Export;

/// <summary>What is exported of a run, and where to.</summary>
public sealed record ExportOptions
{
    /// <summary>The network: <c>teacher</c>, <c>control-seed1</c>, <c>student-seed1</c>, …; null: the student that is best on validation.</summary>
    public string? Network { get; init; }

    /// <summary>The folder to write, which must not be there; null: <c>export</c> and the network's name in the run's folder.</summary>
    public string? Folder { get; init; }

    /// <summary>Also writes <c>model.int8.onnx</c>.</summary>
    public bool IncludeInt8 { get; init; }

    /// <summary>Also writes <c>model.float16.onnx</c>.</summary>
    public bool IncludeFloat16 { get; init; }

    /// <summary>
    /// Divides the logits by the temperature of the lowest NLL on validation, inside the graph: confidence comes nearer to
    /// accuracy, and no answer changes.
    /// </summary>
    public bool ScalesTemperature { get; init; }

    /// <summary>Times the graphs.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}

/// <summary>What an export wrote.</summary>
/// <param name="Folder">The student's folder.</param>
/// <param name="Network">Which network of the run it is.</param>
/// <param name="Inputs">How many real inputs the graph was held against the network on.</param>
/// <param name="WorstError">The largest difference of a logit found, in units of max(1, |logit|).</param>
/// <param name="Variants">The graphs, float32 first.</param>
/// <param name="LeftOut">A sentence for each smaller graph that was asked for and is of no use: which and why.</param>
/// <param name="Temperature">What the graphs divide the logits by; null where they do not.</param>
public sealed record ExportResult(string Folder, string Network, int Inputs, double WorstError, IReadOnlyList<Variant> Variants, IReadOnlyList<string> LeftOut,
    double? Temperature = null);

/// <summary>
/// A network of a run as a folder that is deployed: the graph, the weights, what both mean, and how they were made. It is
/// written whole, and only when the graph answers as the network does.
/// </summary>
public static class StudentFolder
{
    /// <summary>What <c>config.json</c> says it is.</summary>
    public const string Format = Runtime.StudentConfig.Format;

    const string Draft = ".draft";

    /// <summary>Exports one network of a run.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="options">Which, where to, and what beside it.</param>
    /// <param name="token">Cancelled, nothing is left behind.</param>
    /// <exception cref="InvalidOperationException">The graph does not answer as the network does, or the folder is there already.</exception>
    /// <exception cref="NotSupportedException">The network cannot be written as a graph.</exception>
    /// <exception cref="InvalidDataException">The run holds no such network, or its data is not the one it was trained on.</exception>
    public static ExportResult Write(string run, ExportOptions options, CancellationToken token = default)
    {
        var name = options.Network ?? Best(run);
        var source = Path.Combine(run, "networks", name);
        if (!SavedNetwork.IsIn(source)) throw new InvalidDataException($"{run} has no network \"{name}\" that is done; it has {Names(run)}.");
        var target = Path.GetFullPath(options.Folder ?? Path.Combine(run, "export", name));
        if (Path.Exists(target)) throw new InvalidOperationException($"{target} is there already: choose another folder with --out, or remove it first.");
        NativeLoader.EnsureLoaded();
        var recipe = Recipe.Read(Path.Combine(run, "recipe.json"));
        var data = recipe.Data.Open();
        using var saved = SavedNetwork.Open(source);
        if (saved.Config.DataHash != data.Hash) throw new InvalidDataException(
            $"{source} was trained on data with hash {saved.Config.DataHash}; what the run's recipe names has {data.Hash} now.");

        Sweep(target);
        var draft = $"{target}.{Environment.ProcessId}.{Guid.NewGuid():N}{Draft}";
        try
        {
            using var atWork = FolderLock.Take(draft, TimeSpan.Zero, leave: false);                       // so that nobody sweeps it
            var exported = Fill(draft, target, saved, run, recipe, data, options, token) with { Folder = target, Network = name };
            token.ThrowIfCancellationRequested();
            if (OperatingSystem.IsWindows()) atWork.Dispose();              // what is held cannot be renamed there
            if (Path.Exists(target)) throw new InvalidOperationException($"{target} was made by somebody else meanwhile: choose another folder with --out.");
            Directory.Move(draft, target);
            File.Delete(Path.Combine(target, "lock"));
            return exported;
        }
        catch (Exception error)
        {
            Discard(draft);
            if (error is UnauthorizedAccessException) throw AtomicFile.WriteError(target, error);
            if (error is IOException && error.Message.Contains(draft, StringComparison.Ordinal)) throw new IOException(error.Message.Replace(draft, target, StringComparison.Ordinal), error);
            throw;
        }
    }

    static ExportResult Fill(string draft, string target, SavedNetwork saved, string run, Recipe recipe, Dataset data, ExportOptions options, CancellationToken token)
    {
        var facts = saved.Config.Data;
        var temperature = options.ScalesTemperature ? Fitted(run, saved.Config.Part) : (double?)null;
        var model = OnnxExporter.Model(saved.Network, facts, temperature ?? 1);
        List<(string Name, string Path)> graphs = [Graph(draft, "float32", "model.onnx", model)];
        var (worst, inputs) = ExportCheck.Compare(graphs[0].Path, saved.Network, data, temperature ?? 1);
        token.ThrowIfCancellationRequested();
        var leftOut = new List<string>();
        if (options.IncludeInt8) Add("int8", () => Variants.Int8(model, data));
        if (options.IncludeFloat16) Add("float16", () => HalfPrecision.Of(model));
        token.ThrowIfCancellationRequested();
        var exported = new ExportResult(draft, "", inputs, worst, Variants.Measured(graphs, data, options.Clock), leftOut, temperature);
        using (var weights = File.OpenRead(Path.Combine(run, "networks", saved.Config.Part, "model.safetensors")))
            AtomicFile.Write(Path.Combine(draft, "model.safetensors"), weights.CopyTo);
        AtomicFile.Write(Path.Combine(draft, "labels.txt"), string.Concat(facts.Classes.Select(label => label.ReplaceLineEndings(" ") + "\n")));
        AtomicFile.Write(Path.Combine(draft, "recipe.json"), recipe.ToJson(target) + "\n");
        AtomicFile.Write(Path.Combine(draft, "README.md"), ModelCard.Text(RunFolder.InfoIn(run)?.RecipeName ?? recipe.Name, saved.Config, recipe, data, exported));
        AtomicFile.Write(Path.Combine(draft, "config.json"), Config(draft, saved.Config, recipe, exported).ToJsonString(Json.Indented) + "\n");
        return exported;

        // one that cannot be written, or that answers with what is no number, is left out and said so; the others are there
        void Add(string name, Func<ModelProto> make)
        {
            try
            {
                var graph = Graph(draft, name, $"model.{name}.onnx", make());
                if (Variants.Wrong(name, graph.Path, data) is not { } wrong) graphs.Add(graph);
                else
                {
                    leftOut.Add(wrong);
                    File.Delete(graph.Path);
                }
            }
            catch (NotSupportedException error)
            {
                leftOut.Add($"{name} is left out: {error.Message}");
            }
        }
    }

    static (string Name, string Path) Graph(string folder, string name, string file, ModelProto model)
    {
        var path = Path.Combine(folder, file);
        AtomicFile.Write(path, stream => model.WriteTo(stream));
        return (name, path);
    }

    // the run's card, and before it what a program that opens the folder needs
    static JsonObject Config(string folder, NetworkConfig card, Recipe recipe, ExportResult exported)
    {
        var (input, shape) = (card.Data.Inputs[0].Name, card.Data.Inputs[0].Shape);
        var config = new JsonObject
        {
            ["format"] = Format,
            ["version"] = OnnxExporter.Version,
            ["classes"] = Node(card.Data.Classes),
            ["input"] = new JsonObject { ["name"] = input, ["shape"] = Node(shape) },
            ["normalization"] = Node(card.Data.Normalization),
            ["recipeHash"] = recipe.Hash,
            ["temperature"] = exported.Temperature,
            ["check"] = new JsonObject { ["inputs"] = exported.Inputs, ["worstError"] = exported.WorstError },
            ["variants"] = Node(exported.Variants),
            ["files"] = new JsonObject(Directory.EnumerateFiles(folder).Where(file => Path.GetFileName(file) is var name && name != "lock")
                .Order(StringComparer.Ordinal).Select(file => KeyValuePair.Create(Path.GetFileName(file), (JsonNode?)JsonValue.Create(Hash(file))))),
        };
        foreach (var (key, value) in Node(card)!.AsObject()) config[key] = value?.DeepClone();
        return config;

        static JsonNode? Node<T>(T value) => JsonSerializer.SerializeToNode(value, Json.Indented);
    }

    static double Fitted(string run, string network)
    {
        var answers = PredictionsFile.Read(Path.Combine(run, "networks", network, "predictions.safetensors"), "validation");
        return TemperatureScaling.Fit(answers.Values, answers.Labels);
    }

    static string Hash(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    /// <summary>The student of the highest accuracy on validation; of several, that of the lowest NLL there.</summary>
    static string Best(string run)
    {
        var students = Networks(run).Where(name => name.StartsWith("student-seed", StringComparison.Ordinal)).ToList();
        if (students.Count == 0) throw new InvalidDataException(Directory.Exists(run)
            ? $"{run} holds no student that is done: name a run's folder." : $"{run}: there is no such folder.");
        if (!File.Exists(Path.Combine(run, "results.json")) && RunFolder.InfoIn(run) is { } card && students.Count < card.Seeds.Count)
            throw new InvalidOperationException(FormattableString.Invariant(
                $"{run} is not finished, {students.Count} of its {card.Seeds.Count} students are done: go on with it, or say with --seed which of {string.Join(", ", students)} is meant."));
        var scores = students.Select(name => (name, Scores: ValidationScores(run, name))).ToList();
        var task = SavedNetwork.Read(Path.Combine(run, "networks", students[0], "config.json")).TaskOf();
        return scores.Aggregate((best, next) => task.IsBetter(next.Scores, best.Scores) ? next : best).name;
    }

    static IReadOnlyDictionary<string, double> ValidationScores(string run, string network)
    {
        var folder = Path.Combine(run, "networks", network);
        var teacher = Path.Combine(run, "networks", "teacher", PredictionsFile.Name);
        return SavedNetwork.Read(Path.Combine(folder, "config.json")).TaskOf().EvaluateEpoch(
            PredictionsFile.Read(Path.Combine(folder, PredictionsFile.Name), "validation"),
            File.Exists(teacher) ? PredictionsFile.Read(teacher, "validation") : null);
    }

    static IEnumerable<string> Networks(string run)
    {
        var networks = Path.Combine(run, "networks");
        return !Directory.Exists(networks) ? [] : Directory.GetDirectories(networks).Where(SavedNetwork.IsIn).Select(folder => Path.GetFileName(folder)!)
            .OrderBy(name => name.Length).ThenBy(name => name, StringComparer.Ordinal);
    }

    static string Names(string run) => string.Join(", ", Networks(run)) is { Length: > 0 } names ? names : "none";

    /// <summary>
    /// Drafts of exports to this folder that were killed; one at which somebody works is held by its lock.
    /// </summary>
    static void Sweep(string target)
    {
        var above = Path.GetDirectoryName(target)!;
        if (!Directory.Exists(above)) return;
        foreach (var draft in Directory.GetDirectories(above, $"{Path.GetFileName(target)}.*{Draft}"))
        {
            if (OperatingSystem.IsWindows() && Lives(draft)) continue;      // perhaps about to be renamed: there its lock is given back before
            try
            {
                using var mine = FolderLock.Take(draft, TimeSpan.Zero, leave: false);
                if (!OperatingSystem.IsWindows()) Discard(draft);           // while it is held, so that nobody begins in it meanwhile
            }
            catch (InvalidOperationException) { continue; }                 // at work
            catch (IOException) { continue; }                               // gone just now, or not to be written to: then this export will say so
            Discard(draft);                                                 // Windows: what is held cannot be removed
        }
    }

    // a draft is named after the process that makes it
    static bool Lives(string draft)
    {
        if (!int.TryParse(Path.GetFileName(draft).Split('.')[^3], NumberStyles.None, CultureInfo.InvariantCulture, out var id)) return false;
        try
        {
            using var process = Process.GetProcessById(id);
            return !process.HasExited;
        }
        catch (ArgumentException)                                           // there is none of this number
        {
            return false;
        }
    }

    static void Discard(string draft)
    {
        try
        {
            if (Directory.Exists(draft)) Directory.Delete(draft, recursive: true);
        }
        catch (IOException) { }                                             // the first failure is the one to tell of; the next export sweeps
        catch (UnauthorizedAccessException) { }
    }
}
