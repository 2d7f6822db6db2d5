using System.Text.Json;
using Retort.Tensors.Files;
using TorchSharp;

namespace Retort.Teachers;

/// <summary>
/// A teacher from a file of weights: a safetensors file, or a
/// folder that Retort wrote a network into. A file holds numbers under names; what they belong to, the recipe says.
/// </summary>
public sealed record WeightsTeacherOptions : GivenTeacherOptions
{
    /// <summary>Whose weights they are; names and shapes must be the file's.</summary>
    public required ModelOptions Network { get; init; }

    /// <summary>The file, or a network's folder in a run, or a student's folder.</summary>
    [RecipePath] public required string Path { get; init; }

    public override ITeacher Open(DataFacts facts, torch.Device device)
    {
        var folder = Directory.Exists(Path);
        var file = folder ? System.IO.Path.Combine(Path, "model.safetensors") : Path;
        if (!File.Exists(file)) throw new InvalidDataException(
            folder ? $"{Path} has no model.safetensors: a network's folder holds its weights under that name." : $"The teacher's file {Path} is missing.");
        var own = Normalisation ?? (folder ? Noted(facts)?.Normalisation : null);
        var front = new FrontEnd(facts.Normalisation, own, device);
        Network? network = null;
        try
        {
            network = Ownership.Built(() => Network.Build(facts));
            using (var scope = torch.NewDisposeScope()) WeightsFile.Fit(network.state_dict(), WeightsFile.Read(file), file);
            network.to(device).Lay(network.Format);
            return new FrozenNetwork(network, owns: true, front);
        }
        catch
        {
            network?.Dispose();
            front.Dispose();
            throw;
        }
    }

    /// <summary>What the folder's card says of the data that the network was trained on; its classes must be the recipe's.</summary>
    DataFacts? Noted(DataFacts facts)
    {
        var config = System.IO.Path.Combine(Path, "config.json");
        if (!File.Exists(config)) return null;
        try
        {
            using var card = JsonDocument.Parse(File.ReadAllText(config));
            var noted = card.RootElement.GetProperty("data").Deserialize<DataFacts>(JsonSerializerOptions.Web)
                ?? throw new JsonException("its data is null");
            if (noted.Classes.SequenceEqual(facts.Classes)) return noted;
            throw new InvalidDataException($"{Path} was trained on the classes {string.Join(", ", noted.Classes)}; the recipe's data has {string.Join(", ", facts.Classes)}.");
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InvalidDataException($"{config} does not describe a network: its data cannot be read ({error.Message.TrimEnd('.')}).", error);
        }
    }
}
