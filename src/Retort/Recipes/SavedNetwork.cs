using System.Text.Json;
using Retort.Tensors.Files;
using Retort.Training;
using static TorchSharp.torch;

namespace Retort.Recipes;

/// <summary>A network as a run left it in a folder: its card and its weights.</summary>
public sealed class SavedNetwork : IDisposable
{
    SavedNetwork(NetworkCard card, Network network) => (Card, Network) = (card, network);

    /// <summary>What it is and where it came from.</summary>
    public NetworkCard Card { get; }

    /// <summary>With its weights, ready to be asked.</summary>
    public Network Network { get; }

    /// <summary>Whether a folder holds a network.</summary>
    public static bool IsIn(string folder) => File.Exists(Path.Combine(folder, "config.json"));

    /// <summary>Builds the network anew and loads the weights that were best on validation.</summary>
    public static SavedNetwork Open(string folder)
    {
        using var scope = NewDisposeScope();
        var (config, weights) = (Path.Combine(folder, "config.json"), Path.Combine(folder, "model.safetensors"));
        var card = Read(config);
        var network = Ownership.Built(() => Recipe.Read<ModelOptions>(card.Network, config).Build(card.Data));
        try
        {
            var found = SafeTensors.Read(weights);
            var wanted = network.state_dict();
            if (found.Keys.FirstOrDefault(name => !wanted.ContainsKey(name)) is { } strange)
                throw new InvalidDataException($"{weights} has a tensor '{strange}', which the network of {config} does not have.");
            Checkpoint.Load(wanted, found, weights);
            network.eval();
            return new(card, network);
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
    public Predictions Ask(ITrainingData part)
    {
        var (trained, given) = (Card.Data, part.Facts);
        if (!trained.Classes.SequenceEqual(given.Classes)) throw Differs("classes", string.Join(", ", trained.Classes), string.Join(", ", given.Classes));
        if (Written(trained.Inputs) != Written(given.Inputs)) throw Differs("inputs", Written(trained.Inputs), Written(given.Inputs));
        if (Written(trained.Normalisation) != Written(given.Normalisation))
            throw Differs("normalisation", Written(trained.Normalisation), Written(given.Normalisation));
        return Predictions.Of(Network, part);
    }

    public void Dispose() => Network.Dispose();

    InvalidDataException Differs(string what, string trained, string given) =>
        new($"{Card.Part} was trained on data with {what} {trained}; this data has {given}.");

    static string Written<T>(T value) => JsonSerializer.Serialize(value, RunJson.Line);

    static NetworkCard Read(string config)
    {
        if (!File.Exists(config)) throw new InvalidDataException($"{config} is missing: a network's folder holds config.json and model.safetensors.");
        try
        {
            return JsonSerializer.Deserialize<NetworkCard>(File.ReadAllText(config), RunJson.Indented)
                ?? throw new InvalidDataException($"{config} must describe a network; it is null.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException(FormattableString.Invariant($"{config}, line {error.LineNumber + 1}: this does not describe a network."), error);
        }
    }
}
