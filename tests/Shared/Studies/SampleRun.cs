using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Retort.Report;
using Retort.Runs;
using Retort.Tasks;
using Retort.Training;

namespace Retort.Tests.Studies;

/// <summary>
/// Writes a finished run folder without training: networks whose answers are drawn, the better the more skill they are
/// given, and of which students lean towards the teacher.
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
    public bool Taught { get; init; } = true;

    /// <summary>Whether the teacher was given, and cannot be looked into.</summary>
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
                        [new(6, score(one), 0.5)])),
                ],
                best + 1);
        }
    }

    /// <summary>What a classification run's results have under details.</summary>
    public static ClassificationDetails DetailsOf(Results results) =>
        results.Details!.Deserialize<ClassificationDetails>(Contracts.Json.Indented)!;

    public const string DataHash = "d0";
    public const string GivenHash = "5e";

    public string Write(string folder)
    {
        var chance = new Random(7);
        var (validation, test) = (Labels(Examples.Validation), Labels(Test));
        var teacher = Taught ? Network("teacher", "teacher", 1, TeacherSkill, null) : null;
        for (var seed = 1; seed <= Seeds; seed++)
        {
            if (Taught) Network($"control-seed{seed}", "control", seed, ControlSkill, null);
            Network($"student-seed{seed}", "student", seed, StudentSkill, teacher);
        }
        Json(Path.Combine(folder, "run.json"), new RunInfo
        {
            Recipe = Taught ? new JsonObject { ["data"] = "made", ["teacher"] = new JsonObject { ["name"] = "trained" } } : new JsonObject { ["data"] = "made" },
            RecipeName = Name, RecipeHash = "ab12", DataName = "made data", DataHash = DataHash,
            Examples = Examples with { Test = Test }, Seeds = [.. Enumerable.Range(1, Seeds)], Threads = 1,
            Versions = new Dictionary<string, string> { ["Retort"] = "0.1.0", ["TorchSharp"] = "0.107.0" },
        });
        if (Search is not null) Json(Path.Combine(folder, "search.json"), Search);
        return folder;

        long[] Labels(int count) => [.. Enumerable.Range(0, count).Select(i => (long)(i % Classes.Count))];

        (float[] Validation, float[] Test)? Network(string part, string role, int seed, double skill, (float[] Validation, float[] Test)? lesson)
        {
            var where = Directory.CreateDirectory(Path.Combine(folder, "networks", part)).FullName;
            var answers = (Logits(validation, skill, lesson?.Validation), Logits(test, skill, lesson?.Test));
            Answers(Path.Combine(where, "predictions.safetensors"), answers);
            Card(where, part, role, seed);
            if (Given && role == "teacher")
            {
                Json(Path.Combine(where, "latency.json"), new LatencySamples("", 1, 1, []));
                return answers;
            }
            Answers(Path.Combine(where, "predictions-last.safetensors"), (Logits(validation, skill * 0.95, lesson?.Validation), Logits(test, skill * 0.95, lesson?.Test)));
            File.WriteAllText(Path.Combine(where, "model.safetensors"), part);
            Json(Path.Combine(where, "latency.json"), new LatencySamples("TorchSharp, eager forward", 1, 1,
                [.. Enumerable.Range(0, 100).Select(i => (role == "teacher" ? 0.9 : 0.21) * (1 + 0.3 * i * i / 10000))]));
            File.WriteAllLines(Path.Combine(where, "metrics.jsonl"), Enumerable.Range(1, Epochs).Select(epoch => JsonSerializer.Serialize(new EpochMetrics
            {
                Epoch = epoch, Step = epoch * 100, Loss = new Dictionary<string, double> { ["labels"] = 1, ["total"] = 1 }, LearningRate = 0.05,
                Validation = new Dictionary<string, double>
                {
                    ["accuracy"] = 0.9 - 0.6 / skill * Math.Exp(-epoch / 2.0) - 0.1 / skill - 0.01 * chance.NextDouble(),
                    ["nll"] = 0.3 + 1.5 / skill * Math.Exp(-epoch / 2.0) + 0.01 * chance.NextDouble(),
                },
                Seconds = 1, WaitShare = 0.01,
            }, Contracts.Json.Line)));
            return answers;
        }

        float[] Logits(long[] labels, double skill, float[]? lesson)
        {
            var logits = new float[labels.Length * Classes.Count];
            for (var i = 0; i < labels.Length; i++)
                for (var c = 0; c < Classes.Count; c++)
                {
                    var at = i * Classes.Count + c;
                    var drawn = (c == labels[i] ? skill : 0) + Noise() + (c == (labels[i] + 1) % Classes.Count ? 0.6 : 0);
                    logits[at] = (float)(lesson is null ? drawn : 0.7 * drawn + 0.4 * lesson[at]);
                }
            return logits;
        }

        double Noise() => Math.Sqrt(-2 * Math.Log(1 - chance.NextDouble())) * Math.Cos(2 * Math.PI * chance.NextDouble());

        void Answers(string path, (float[] Validation, float[] Test) answers) => PredictionsFile.Write(path,
            ("validation", Predicted(answers.Validation, validation, 5000)),
            ("test", Predicted(answers.Test, test, 9000)));

        Predictions Predicted(float[] logits, long[] labels, int firstId) => new()
        {
            Output = "logits",
            Values = logits,
            Width = Classes.Count,
            Labels = labels,
            Ids = Ids(labels.Length, firstId),
        };

        void Card(string where, string part, string role, int seed) => Json(Path.Combine(where, "config.json"),
            Given && role == "teacher" ? Opened(part, role) : Made(part, role, seed));

        NetworkConfig Opened(string part, string role) => Made(part, role, 0) with
        {
            Network = new JsonObject { ["name"] = "onnx", ["path"] = "teacher.onnx" }, Method = null, Training = null, Steps = 0, BestStep = 0,
            GivenHash = GivenHash, Parameters = null, Bytes = null, MultiplyAdds = null, ActivationBytes = null,
        };

        NetworkConfig Made(string part, string role, int seed) => new()
        {
            Part = part, Role = role, Seed = seed, Steps = 100 * Epochs, BestStep = 100 * (Epochs - 1), DataHash = DataHash,
            Network = new JsonObject { ["name"] = role == "teacher" ? "lenet" : "mlp" }, Method = new JsonObject { ["name"] = role == "student" ? "kd" : "labels" },
            Training = new JsonObject { ["epochs"] = Epochs, ["learningRate"] = 0.05 },
            Data = new() { Classes = Classes, Inputs = [TensorSpec.Float32("pixel_values", 1, 12, 12)] },
            TeacherHash = role == "student" && Taught ? Given ? GivenHash : Convert.ToHexStringLower(SHA256.HashData("teacher"u8)) : null,
            Parameters = role == "teacher" ? 61706 : 4210, Bytes = role == "teacher" ? 246824 : 16840,
            MultiplyAdds = role == "teacher" ? 416520 : 4200, ActivationBytes = role == "teacher" ? 21952 : 3200,
        };
    }

    static long[] Ids(int count, int first) => [.. Enumerable.Range(first, count).Select(id => (long)id)];

    static void Json<T>(string path, T record) => File.WriteAllText(path, JsonSerializer.Serialize(record, Contracts.Json.Indented));

    /// <summary>The data to go with it: pictures of 12 × 12, in colour where asked.</summary>
    public static Dataset Data(SampleRun run, int channels = 1, string hash = DataHash) => new()
    {
        Name = "made data", Hash = hash, Training = new Pictures(run.Test, channels), Validation = new Pictures(run.Test, channels),
        Test = new Pictures(run.Test, channels),
    };

    sealed class Pictures(int count, int channels) : IDataSplit, IImageSource
    {
        public int Count => count;
        public DatasetInfo Info => throw new NotSupportedException();
        public void Load(ReadOnlySpan<int> positions, View view, HostBatch into) => throw new NotSupportedException();

        public (int Height, int Width, int Channels, byte[] Bytes) Image(int position) =>
            (12, 12, channels, [.. Enumerable.Range(0, 144 * channels).Select(i => (byte)(i * (position + 3) % 256))]);
    }
}
