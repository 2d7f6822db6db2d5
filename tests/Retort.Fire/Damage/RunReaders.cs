using System.Text;
using Retort.Methods;
using Retort.Models;
using Retort.Recipes;
using Retort.Report;
using Retort.Runs;
using Retort.Studies;
using Retort.Teachers;
using Retort.Teachers.Cache;
using Retort.Training;
using static TorchSharp.torch;

namespace Retort.Fire.Damage;

/// <summary>Readers of what a run writes and reads again, and of the recipe it is made from.</summary>
static class RunReaders
{
    public static Reader Recipe(string folder)
    {
        var path = Path.Combine(folder, "recipe.json");
        byte[][] sound =
        [
            Encoding.UTF8.GetBytes(Samples.Recipe.ToJson()),
            .. Directory.GetFiles(Samples.At("recipes"), "*.json", SearchOption.AllDirectories)
                .Where(file => !file.EndsWith(".results.json", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Take(4)
                .Select(File.ReadAllBytes),
        ];
        return new()
        {
            // a tree of its values: 500 bytes for each byte of a recipe that is full of one-digit numbers
            Name = "recipe",
            Folder = folder,
            Weight = 5,
            Targets = [new(path, JsonDamage.Change, sound)],
            Budget = 150_000_000,
            Read = () => Recipes.Recipe.Read(path).ToJson(),
        };
    }

    /// <summary>A cache's shards and what is said of them.</summary>
    public static Reader Shards(string folder)
    {
        var source = Directory.GetDirectories(Path.Combine(Samples.Root, "teacher-cache"))[0];
        Samples.Copy(source, folder);
        var (shard, codec) = (Directory.GetFiles(folder, "*.shard")[0], new Float16Options());
        var identity = CacheManifest.Read(Path.Combine(folder, "card.json")).Identity;
        var data = Samples.Recipe.Source.Open().Training;
        float[]? sound = null, found = null;
        return new()
        {
            // a table of 16 million numbers
            Name = "cache-shard",
            Folder = folder,
            Weight = 5,
            Targets = [new(shard, PlainDamage.Shard, File.ReadAllBytes(shard))],
            Budget = 70_000_000,
            Read = () =>
            {
                using var scope = NewDisposeScope();
                using var cache = CachedTeacher.Open(folder, identity, codec);
                var prepared = new HostBatch();
                data.Load([.. Enumerable.Range(0, data.Count)], new(0, 0), prepared);
                found = cache.Forward(prepared.ToBatch(), Output.Logits).Logits.ToFloatArray();
                sound ??= found;                                           // the first file read is sound
            },
            IsUnchanged = () => found!.AsSpan().SequenceEqual(sound),
        };
    }

    public static Reader Card(string folder)
    {
        var path = Path.Combine(folder, "card.json");
        var whole = File.ReadAllBytes(
            Path.Combine(Directory.GetDirectories(Path.Combine(Samples.Root, "teacher-cache"))[0], "card.json"));
        return new()
        {
            Name = "cache-card",
            Folder = folder,
            Targets = [new(path, JsonDamage.Change, whole)],
            Read = () => CacheManifest.Read(path).Identity.Fingerprint(),
        };
    }

    /// <summary>Everything that a report is made from, and the report.</summary>
    public static Reader Run(string folder)
    {
        Samples.Copy(Samples.Run, folder);
        var student = Path.Combine(folder, "networks", "student-seed1");
        return new()
        {
            Name = "run-folder", Folder = folder, Budget = 100_000_000, Read = () => Reports.Write(folder),
            Targets =
            [
                Json(Path.Combine(folder, "run.json")), Json(Path.Combine(folder, "search.json")),
                Json(Path.Combine(folder, "cache.json")),
                Json(Path.Combine(student, "config.json")), Json(Path.Combine(student, "latency.json")),
                new(
                    Path.Combine(student, "metrics.jsonl"),
                    JsonDamage.Lines,
                    File.ReadAllBytes(Path.Combine(student, "metrics.jsonl"))),
                Weights(Path.Combine(student, "predictions.safetensors")),
                Weights(Path.Combine(student, "predictions-last.safetensors")),
            ],
        };
    }

    /// <summary>A network of a run: its card and its weights.</summary>
    public static Reader Network(string folder)
    {
        Samples.Copy(Path.Combine(Samples.Run, "networks", "student-seed1"), folder);
        return new()
        {
            Name = "network",
            Folder = folder,
            Targets = [Json(Path.Combine(folder, "config.json")), Weights(Path.Combine(folder, "model.safetensors"))],
            Read = () => { using var saved = SavedNetwork.Open(folder); saved.Network.eval(); },
        };
    }

    /// <summary>
    /// Weights converted into the folder of a network, whose card says what they must fit;
    /// what was written is removed again.
    /// </summary>
    public static Reader Convert(string folder)
    {
        var source = Path.Combine(folder, "x.safetensors");
        var target = Directory.CreateDirectory(Path.Combine(folder, "network")).FullName;
        var card = Path.Combine(target, "config.json");
        var made = Path.Combine(target, "model.safetensors");
        var run = Path.Combine(Samples.Run, "networks", "student-seed1");
        return new()
        {
            Name = "convert", Folder = folder,
            Targets =
            [
                new(card, JsonDamage.Change, File.ReadAllBytes(Path.Combine(run, "config.json"))),
                new(source, PlainDamage.SafeTensors, File.ReadAllBytes(Path.Combine(run, "model.safetensors"))),
            ],
            Read = () =>
            {
                File.Delete(made);
                Conversion.Run(source, target);
            },
        };
    }

    /// <summary>What was found, as it stands in a finished run.</summary>
    public static Reader Results(string folder)
    {
        File.Copy(Path.Combine(Samples.Run, "results.json"), Path.Combine(folder, "results.json"));
        return new()
        {
            Name = "results",
            Folder = folder,
            Targets = [Json(Path.Combine(folder, "results.json"))],
            Read = () => Reports.Read(folder),
        };
    }

    /// <summary>A training that was stopped and goes on: its checkpoint and its metrics.</summary>
    public static Reader Checkpoint(string folder)
    {
        using var stop = new CancellationTokenSource();
        var data = Samples.Recipe.Source.Open();
        TrainerConfig Job(Func<Network, DistillationLoss> method) => new()
        {
            Part = "student-seed1",
            Folder = folder,
            Task = new Retort.Tasks.ClassificationOptions().Build(data.Info),
            Build = () => new MlpOptions { Hidden = [2] }.Build(data.Info),
            Method = method,
            Data = data.Training,
            Validation = data.Validation,
            Options = new() { BatchSize = 16, CheckpointSeconds = 0 },
            Steps = 5,
            StepsPerEpoch = 4,
            Seed = 1,
            RecipeHash = "fire",
        };
        var steps = 0;
        try
        {
            using var trainer = new Trainer(Job(_ => new Counted(() => { if (++steps == 5) stop.Cancel(); })));
            trainer.Run(stop.Token);
        }
        catch (OperationCanceledException) { }
        var (path, metrics) = (Path.Combine(folder, "checkpoint.safetensors"), Path.Combine(folder, "metrics.jsonl"));
        var epochs = File.ReadAllBytes(metrics);
        return new()
        {
            Name = "checkpoint",
            Folder = folder,
            Weight = 5,
            Targets = [Weights(path)],
            Repair = () => File.WriteAllBytes(metrics, epochs),
            Read = () =>
            {
                using var trainer = new Trainer(Job(_ => new Counted(() => { })));
                trainer.Run(default);
            },
        };
    }

    sealed class Counted(Action step) : DistillationLoss
    {
        public override RequiredOutputs Requires => new(OutputSet.None, Output.Logits);

        public override LossTerms Compute(Batch batch, Outputs teacher, Outputs student)
        {
            step();
            return new() { ["labels"] = batch.CrossEntropy(student.Logits) };
        }
    }

    static Target Json(string path) => new(path, JsonDamage.Change, File.ReadAllBytes(path));

    static Target Weights(string path) => new(path, PlainDamage.SafeTensors, File.ReadAllBytes(path));
}
