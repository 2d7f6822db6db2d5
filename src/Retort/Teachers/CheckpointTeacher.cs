using System.Text.Json;
using Retort.Runs;
using Retort.Tensors.Files;
using TorchSharp;

namespace Retort.Teachers;

/// <summary>
/// A teacher from a file of weights: a safetensors file, a PyTorch state file (<c>.pth</c>, <c>.pt</c>, <c>.bin</c>), or a
/// folder that Retort wrote a network into. A file holds numbers under names; what they belong to, the recipe says.
/// </summary>
public sealed record CheckpointTeacherOptions : PretrainedTeacherOptions
{
    /// <summary>Whose weights they are; names and shapes must be the file's.</summary>
    public required ModelOptions Network { get; init; }

    /// <summary>The file, or a network's folder in a run, or a student's folder.</summary>
    [RecipePath] public required string Path { get; init; }

    /// <summary>Where a PyTorch state file holds several mappings of names to tensors: which, such as <c>ema.state_dict</c>. None: the only one.</summary>
    public string? Key { get; init; }

    static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web) { RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true };

    public override ITeacher Open(DatasetInfo facts, torch.Device device)
    {
        var file = WeightsFile.Resolve(Path);
        var noted = Directory.Exists(Path) ? Noted(facts) : null;
        var own = Normalization ?? noted?.Normalization;
        if (own is not null && facts.Inputs.Count != 1) throw new InvalidOperationException(
            $"A teacher with a normalization of its own is fed one input; the data has {facts.Names}.");
        var front = new Renormalization(facts.Normalization, own, device);
        Network? network = null;
        try
        {
            network = ModuleFactory.Create(() => Network.Build(facts));
            using (var scope = torch.NewDisposeScope()) WeightsFile.LoadStateDict(network.state_dict(), WeightsFile.Read(file, key: Key), file);
            network.to(device).ToMemoryFormat(network.PreferredFormat);
            return new NetworkTeacher(network, owns: true, front);
        }
        catch
        {
            network?.Dispose();
            front.Dispose();
            throw;
        }
    }

    /// <summary>What the folder's card says of the data that the network was trained on; its classes must be the recipe's.</summary>
    DatasetInfo? Noted(DatasetInfo facts)
    {
        var config = System.IO.Path.Combine(Path, "config.json");
        if (!File.Exists(config)) return null;
        try
        {
            using var card = JsonDocument.Parse(File.ReadAllText(config));
            var noted = card.RootElement.GetProperty("data").Deserialize<DatasetInfo>(Strict) ?? throw new JsonException("its data is null");
            if (noted.Classes.Contains(null!)) throw new JsonException("a class has no name");
            if (noted.Classes.SequenceEqual(facts.Classes)) return noted;
            throw new InvalidDataException($"{Path} was trained on the classes {string.Join(", ", noted.Classes)}; the recipe's data has {string.Join(", ", facts.Classes)}.");
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InvalidDataException($"{config} does not describe a network: its data cannot be read ({error.Message.TrimEnd('.')}).", error);
        }
    }
}
