using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Retort.Report;
using Retort.Runs;
using Retort.Tasks;
using Retort.Training;

namespace Retort.Tests.Studies;

/// <summary>
/// Writes a finished run folder without training: predictions are random, the better the more skill a network has, and
/// a student's are drawn towards the teacher's.
/// </summary>
sealed record SampleRun
{
    public string Name { get; init; } = "sample";
    public IReadOnlyList<string> Classes { get; init; } = ["zero", "one", "two"];
    public int Seeds { get; init; } = 3;
    public int Test { get; init; } = 120;
    public SplitSizes Examples { get; init; } = new(1000, 1000, 60, 120);
    public double TeacherSkill { get; init; } = 4;
    public double ControlSkill { get; init; } = 1.5;
    public double StudentSkill { get; init; } = 2.5;

    /// <summary>Whether there is a teacher.</summary>
    public bool Taught { get; init; } = true;

    /// <summary>Whether the teacher is pretrained, and cannot be inspected.</summary>
    public bool Given { get; init; }


    /// <summary>What search.json has; null for no search.</summary>
    public SearchTable? Search { get; init; }
    public int Epochs { get; init; } = 6;

    /// <summary>A search of the learning rate with one rate a score.</summary>
    public static SearchTable Rates(params (double Rate, double Control, double Student)[] found)
    {
        return new([1001], [6], Side(one => one.Student), Side(one => one.Control));

        SearchedSide Side(Func<(double Rate, double Control, double Student), double> score)
        {
            var best = found.Index().MaxBy(one => score(one.Item)).Index;
            return new(
                [
                    .. found.Select((one, i) => new SearchedTrial(i + 1,
                        new Dictionary<string, JsonNode> { ["training.learningRate"] = one.Rate },
                        [new(6, score(one), 0.5, [score(one)])])),
                ],
                best + 1);
        }
    }

    /// <summary>What a classification run's results have under details.</summary>
    public static ClassificationDetails DetailsOf(Results results) =>
        results.Details!.Deserialize<ClassificationDetails>(Contracts.Json.Indented)!;

    public const string DataHash = "d0";
    public const string GivenHash = "5e";

    /// <summary>Writes the run; returns the folder.</summary>
    public string Write(string folder)
    {
        var random = new Random(7);
        var (validation, test) = (Labels(Examples.Validation), Labels(Test));
        var teacher = Taught ? Network("teacher", "teacher", 1, TeacherSkill, null) : null;
        for (var seed = 1; seed <= Seeds; seed++)
        {
            if (Taught) Network($"control-seed{seed}", "control", seed, ControlSkill, null);
            Network($"student-seed{seed}", "student", seed, StudentSkill, teacher);
        }
        Json(Path.Combine(folder, "run.json"), new RunInfo
        {
            Recipe = Recipe(), RecipeName = Name, RecipeHash = "ab12", DataName = "made data", DataHash = DataHash,
            Examples = Examples with { Test = Test }, Seeds = [.. Enumerable.Range(1, Seeds)], Threads = 1,
            Versions = new Dictionary<string, string> { ["Retort"] = "0.1.0", ["TorchSharp"] = "0.107.0" },
        });
        if (Search is not null) Json(Path.Combine(folder, "search.json"), Search);
        return folder;

        long[] Labels(int count) => [.. Enumerable.Range(0, count).Select(i => (long)(i % Classes.Count))];

        LogitPair? Network(string part, string role, int seed, double skill, LogitPair? target)
        {
            var network = Directory.CreateDirectory(Path.Combine(folder, "networks", part)).FullName;
            var logits = Draw(skill, target);
            Save(Path.Combine(network, "predictions.safetensors"), logits);
            var isPretrained = Given && role == "teacher";
            Json(Path.Combine(network, "config.json"),
                isPretrained ? Pretrained(part, role) : Trained(part, role, seed));
            if (isPretrained)
            {
                Json(Path.Combine(network, "latency.json"), new LatencySamples("", 1, 1, []));
                return logits;
            }
            Save(Path.Combine(network, "predictions-last.safetensors"), Draw(skill * 0.95, target));
            File.WriteAllText(Path.Combine(network, "model.safetensors"), part);
            var fastest = role == "teacher" ? 0.9 : 0.21;
            Json(Path.Combine(network, "latency.json"), new LatencySamples("TorchSharp, eager forward", 1, 1,
                [.. Enumerable.Range(0, 100).Select(i => fastest * (1 + 0.3 * i * i / 10000))]));
            File.WriteAllLines(Path.Combine(network, "metrics.jsonl"), Enumerable.Range(1, Epochs).Select(
                epoch => JsonSerializer.Serialize(Metrics(epoch, skill), Contracts.Json.Line)));
            return logits;
        }

        EpochMetrics Metrics(int epoch, double skill)
        {
            var left = Math.Exp(-epoch / 2.0);
            return new()
            {
                Epoch = epoch, Step = epoch * 100, LearningRate = 0.05, Seconds = 1, WaitShare = 0.01,
                Loss = new Dictionary<string, double> { ["labels"] = 1, ["total"] = 1 },
                Validation = new Dictionary<string, double>
                {
                    ["accuracy"] = 0.9 - 0.6 / skill * left - 0.1 / skill - 0.01 * random.NextDouble(),
                    ["nll"] = 0.3 + 1.5 / skill * left + 0.01 * random.NextDouble(),
                },
            };
        }

        LogitPair Draw(double skill, LogitPair? target)
        {
            var first = Logits(validation, skill, target?.Validation);
            return new(first, Logits(test, skill, target?.Test));
        }

        float[] Logits(long[] labels, double skill, float[]? target)
        {
            var logits = new float[labels.Length * Classes.Count];
            for (var i = 0; i < labels.Length; i++)
                for (var c = 0; c < Classes.Count; c++)
                {
                    var at = i * Classes.Count + c;
                    var ownClass = c == labels[i] ? skill : 0;
                    var drawn = ownClass + Noise() + (c == (labels[i] + 1) % Classes.Count ? 0.6 : 0);
                    logits[at] = (float)(target is null ? drawn : 0.7 * drawn + 0.4 * target[at]);
                }
            return logits;
        }

        double Noise() =>
            Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

        void Save(string path, LogitPair logits) => PredictionsFile.Write(path,
            ("validation", Predictions(logits.Validation, validation, 5000)),
            ("test", Predictions(logits.Test, test, 9000)));

        Predictions Predictions(float[] logits, long[] labels, int firstId) => new()
        {
            Output = "logits", Values = logits, Width = Classes.Count, Labels = labels,
            Ids = [.. Enumerable.Range(firstId, labels.Length).Select(id => (long)id)],
        };

        NetworkConfig Pretrained(string part, string role) => Trained(part, role, 0) with
        {
            Network = new JsonObject { ["name"] = "onnx", ["path"] = "teacher.onnx" }, GivenHash = GivenHash,
            Method = null, Training = null, Steps = 0, BestStep = 0,
            Parameters = null, Bytes = null, MultiplyAdds = null, ActivationBytes = null,
        };

        NetworkConfig Trained(string part, string role, int seed)
        {
            var (isTeacher, isStudent) = (role == "teacher", role == "student");
            var weights = Convert.ToHexStringLower(SHA256.HashData("teacher"u8));
            return new()
            {
                Part = part, Role = role, Seed = seed, DataHash = DataHash,
                Steps = 100 * Epochs, BestStep = 100 * (Epochs - 1),
                Network = new JsonObject { ["name"] = isTeacher ? "lenet" : "mlp" },
                Method = new JsonObject { ["name"] = isStudent ? "kd" : "labels" },
                Training = new JsonObject { ["epochs"] = Epochs, ["learningRate"] = 0.05 },
                Data = new() { Classes = Classes, Inputs = [TensorSpec.Float32("pixel_values", 1, 12, 12)] },
                TeacherHash = !isStudent || !Taught ? null : Given ? GivenHash : weights,
                Parameters = isTeacher ? 61706 : 4210, Bytes = isTeacher ? 246824 : 16840,
                MultiplyAdds = isTeacher ? 416520 : 4200, ActivationBytes = isTeacher ? 21952 : 3200,
            };
        }
    }

    JsonObject Recipe()
    {
        var recipe = new JsonObject { ["data"] = "made" };
        if (Taught) recipe["teacher"] = new JsonObject { ["name"] = "trained" };
        return recipe;
    }

    sealed record LogitPair(float[] Validation, float[] Test);

    static void Json<T>(string path, T record) =>
        File.WriteAllText(path, JsonSerializer.Serialize(record, Contracts.Json.Indented));

    /// <summary>The data to go with it: images of 12 × 12, with 1 or 3 channels.</summary>
    public static Dataset Data(SampleRun run, int channels = 1, string hash = DataHash)
    {
        var images = new Images(run.Test, channels);
        return new() { Name = "made data", Hash = hash, Training = images, Validation = images, Test = images };
    }

    sealed class Images(int count, int channels) : IDataSplit, IImageSource
    {
        public int Count => count;
        public DatasetInfo Info => throw new NotSupportedException();
        public void Load(ReadOnlySpan<int> positions, View view, HostBatch into) => throw new NotSupportedException();

        public (int Height, int Width, int Channels, byte[] Bytes) Image(int position) =>
            (12, 12, channels, [.. Enumerable.Range(0, 144 * channels).Select(i => (byte)(i * (position + 3) % 256))]);
    }
}
