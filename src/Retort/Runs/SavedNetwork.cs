using Retort.Recipes;
using System.Text.Json;
using Retort.Runtime;
using Retort.Teachers;
using Retort.Tensors.Files;
using Retort.Training;
using static TorchSharp.torch;

namespace Retort.Runs;

/// <summary>A network as a run left it in a folder: its card and its weights.</summary>
public sealed class SavedNetwork : IDisposable
{
    readonly Network? _network;
    readonly ITeacher? _given;

    SavedNetwork(NetworkConfig card, Network? network, ITeacher? given) => (Card, _network, _given) = (card, network, given);

    /// <summary>What it is and where it came from.</summary>
    public NetworkConfig Card { get; }

    /// <summary>With its weights, ready to be asked.</summary>
    public Network Network => _network ?? throw new InvalidOperationException(
        $"{Card.Part} was given to the run, not trained in it: its folder holds its answers, not its weights.");

    /// <summary>Whether a folder holds a network, or what is left of a teacher that was given.</summary>
    public static bool IsIn(string folder) => File.Exists(Path.Combine(folder, "config.json"));

    /// <summary>
    /// Builds the network anew and loads the weights that were best on validation. A teacher that was given is opened again, as
    /// the run's recipe names it, and must be the same.
    /// </summary>
    /// <param name="folder">The network's.</param>
    /// <param name="teacher">The recipe's teacher.</param>
    public static SavedNetwork Open(string folder, TeacherOptions? teacher = null)
    {
        using var scope = NewDisposeScope();
        var (config, weights) = (Path.Combine(folder, "config.json"), Path.Combine(folder, "model.safetensors"));
        var card = Read(config);
        if (card.GivenHash is not null) return Opened(card, (teacher is CachedTeacherOptions cached ? cached.Teacher : teacher) as PretrainedTeacherOptions ?? throw new InvalidOperationException(
            $"{folder} is of a teacher that was given to the run: the run's recipe says where it is, so name the run."));
        var network = Made(card, config, weights);
        try
        {
            var found = SafeTensors.Read(weights);
            var wanted = network.state_dict();
            if (found.Keys.FirstOrDefault(name => !wanted.ContainsKey(name)) is { } strange)
                throw new InvalidDataException($"{weights} has a tensor '{strange.OnOneLine()}', which the network of {config} does not have.");
            Checkpoint.Load(wanted, found, weights);
            network.eval();
            return new(card, network, given: null);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Its answers on one part of a data set. Throws where the data has other classes or inputs than it was trained on, or
    /// numbers made otherwise from what was read.
    /// </summary>
    public Predictions Ask(IDataSplit part)
    {
        var (trained, given) = (Card.Data, part.Info);
        if (!trained.Classes.SequenceEqual(given.Classes)) throw Differs("classes", string.Join(", ", trained.Classes), string.Join(", ", given.Classes));
        if (Written(trained.Inputs) != Written(given.Inputs)) throw Differs("inputs", Written(trained.Inputs), Written(given.Inputs));
        var output = Card.TaskOf().Output;
        return _given is null ? Evaluator.Predict(Network, part, output) : Evaluator.Predict(_given, part, output);
    }

    public void Dispose()
    {
        _network?.Dispose();
        _given?.Dispose();
    }

    static SavedNetwork Opened(NetworkConfig card, PretrainedTeacherOptions teacher)
    {
        var given = teacher.Open(card.Data, CPU);
        if (given.Fingerprint() is var hash && hash == card.GivenHash) return new(card, network: null, given);
        given.Dispose();
        throw new InvalidOperationException($"The teacher is not the one of the run: its hash was {card.GivenHash} and is {hash} now.");
    }

    InvalidDataException Differs(string what, string trained, string given) =>
        new($"{Card.Part} was trained on data with {what} {trained}; this data has {given}.");

    static string Written<T>(T value) => JsonSerializer.Serialize(value, Json.Line);

    internal static NetworkConfig Read(string config)
    {
        if (!File.Exists(config)) throw new InvalidDataException($"{config} is missing: a network's folder holds config.json and model.safetensors.");
        return JsonFile.Read<NetworkConfig>(config, "a network");
    }

    /// <summary>A network as the card has it, of no more numbers than its file of weights can hold: nothing that is larger is made.</summary>
    internal static Network Made(NetworkConfig card, string config, string weights)
    {
        if (!File.Exists(weights)) throw new InvalidDataException($"{weights} is missing: a network's folder holds config.json and model.safetensors.");
        var options = Recipe.Read<ModelOptions>(card.Network, config);
        try
        {
            return ModuleFactory.Create(() => options.Build(card.Data), maxElements: new FileInfo(weights).Length / sizeof(short));
        }
        catch (Exception error) when (error is InvalidOperationException or ArgumentException or InvalidDataException or OverflowException)
        {
            throw new InvalidDataException($"{config} describes a network that cannot be built: {error.Message.OnOneLine()}", error);
        }
    }
}
