using System.Text.Json;
using Retort.Recipes;
using Retort.Runtime.Knowledge;
using Retort.Teachers;
using Retort.Tensors.Files;
using Retort.Training;
using static TorchSharp.torch;

namespace Retort.Runs;

/// <summary>
/// A network in a folder of a run: its <c>config.json</c>, its weights, and its knowledge base where it has one.
/// </summary>
public sealed class SavedNetwork : IDisposable
{
    readonly Network? _network;
    readonly ITeacher? _pretrained;

    SavedNetwork(NetworkConfig config, Network? network, ITeacher? pretrained, KnowledgeBase? knowledge = null)
    {
        Config = config;
        _network = network;
        _pretrained = pretrained;
        Knowledge = knowledge;
    }

    /// <summary>What the network is and where it came from.</summary>
    public NetworkConfig Config { get; }

    /// <summary>The network with its weights, in eval mode.</summary>
    public Network Network => _network ?? throw new InvalidOperationException(
        $"{Config.Part} is a pretrained teacher: its folder holds its predictions, not its weights.");

    /// <summary>The knowledge base that its predictions are made with; null for none.</summary>
    public KnowledgeBase? Knowledge { get; }

    /// <summary>Whether a folder holds a network, or the predictions of a pretrained teacher.</summary>
    public static bool IsIn(string folder) => File.Exists(Path.Combine(folder, NetworkFiles.Config));

    /// <summary>
    /// Builds the network and loads the selected weights. A pretrained teacher is opened again by the recipe's options,
    /// and must be the same.
    /// </summary>
    /// <param name="folder">The network's folder.</param>
    /// <param name="teacher">The recipe's teacher.</param>
    public static SavedNetwork Open(string folder, TeacherOptions? teacher = null)
    {
        using var scope = NewDisposeScope();
        var configPath = Path.Combine(folder, NetworkFiles.Config);
        var config = NetworkFiles.ReadConfig(folder);
        if (config.GivenHash is not null) return OpenPretrained(config, PretrainedOptions(teacher, folder));

        var weights = Path.Combine(folder, NetworkFiles.Weights);
        var network = Build(config, configPath, weights);
        try
        {
            var saved = SafeTensors.Read(weights);
            var state = network.state_dict();
            if (saved.Keys.FirstOrDefault(name => !state.ContainsKey(name)) is { } unknown)
                throw new InvalidDataException($"{weights} has a tensor '{unknown.OnOneLine()}', which the network of "
                    + $"{configPath} does not have.");
            Checkpoint.Load(state, saved, weights);
            network.eval();
            var knowledge = config.KnowledgeFile is null ? null : RetrievalPredictions.Open(folder, config);
            return new(config, network, pretrained: null, knowledge);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Its predictions on a split, with its knowledge base where it has one. Refuses data with other classes, inputs or normalization than it was trained on.
    /// </summary>
    public Predictions Predict(IDataSplit split)
    {
        var (trained, given) = (Config.Data, split.Info);
        if (!trained.Classes.SequenceEqual(given.Classes))
            throw Differs("classes", string.Join(", ", trained.Classes), string.Join(", ", given.Classes));
        if (Text(trained.Inputs) != Text(given.Inputs))
            throw Differs("inputs", Text(trained.Inputs), Text(given.Inputs));

        if (Knowledge is not null) return RetrievalEvaluator.Predict(Network, Knowledge, split);

        var output = Config.TaskOf().Output;
        return _pretrained is null ? Evaluator.Predict(Network, split, output)
            : Evaluator.Predict(_pretrained, split, output);
    }

    /// <summary>
    /// Refuses weights that did not make the predictions beside them, such as those of another network of the run.
    /// </summary>
    /// <param name="folder">The network's folder.</param>
    /// <param name="found">What the network predicts now.</param>
    /// <param name="split">The split's name.</param>
    public static void CheckStored(string folder, Predictions found, string split)
    {
        const float Tolerance = 0.01f;                                      // another processor rounds otherwise
        var path = Path.Combine(folder, PredictionsFile.Name);
        if (PredictionsFile.ReadIfStored(path, split) is not { } stored) return;

        var isSame = stored.SameExamples(found) && stored.Values.Length == found.Values.Length
            && stored.Values.Zip(found.Values).All(pair =>
                Math.Abs(pair.First - pair.Second) <= Tolerance * (1 + Math.Abs(pair.First)));
        if (!isSame) throw new InvalidDataException(
            $"{Path.Combine(folder, NetworkFiles.Weights)} did not make the predictions beside it: on {split} the "
            + $"network predicts something else than {path} has.");
    }

    public void Dispose()
    {
        _network?.Dispose();
        _pretrained?.Dispose();
        Knowledge?.Dispose();
    }

    /// <summary>Reads a file <c>config.json</c>.</summary>
    internal static NetworkConfig Read(string config) => NetworkFiles.ReadConfig(Path.GetDirectoryName(config)!);

    /// <summary>
    /// Builds the network of a <c>config.json</c>. It must not have more parameters than its weights file has room for,
    /// so that a wrong file cannot fill the memory.
    /// </summary>
    internal static Network Build(NetworkConfig config, string configPath, string weights)
    {
        NetworkFiles.CheckExists(weights);
        var options = Recipe.Read<ModelOptions>(config.Network, configPath);
        try
        {
            var maxElements = new FileInfo(weights).Length / sizeof(short);
            return ModuleFactory.Create(() => options.Build(config.Data), maxElements: maxElements);
        }
        catch (Exception error) when (error is InvalidOperationException or ArgumentException or InvalidDataException
            or OverflowException)
        {
            throw new InvalidDataException(
                $"{configPath} describes a network that cannot be built: {error.Message.OnOneLine()}", error);
        }
    }

    static PretrainedTeacherOptions PretrainedOptions(TeacherOptions? teacher, string folder) =>
        (teacher is CachedTeacherOptions cached ? cached.Teacher : teacher) as PretrainedTeacherOptions
        ?? throw new InvalidOperationException($"{folder} is of a pretrained teacher: "
            + "the run's recipe says where the teacher is, so name the run.");

    static SavedNetwork OpenPretrained(NetworkConfig config, PretrainedTeacherOptions options)
    {
        var teacher = options.Open(config.Data, CPU);
        if (teacher.Fingerprint() is var hash && hash == config.GivenHash) return new(config, network: null, teacher);

        teacher.Dispose();
        throw new InvalidOperationException(
            $"The teacher is not the one of the run: its hash was {config.GivenHash} and is {hash} now.");
    }

    InvalidDataException Differs(string what, string trained, string given) =>
        new($"{Config.Part} was trained on data with {what} {trained}; this data has {given}.");

    static string Text<T>(T value) => JsonSerializer.Serialize(value, Json.Line);
}
