using System.Text.Json.Serialization;
using Retort.Tensors.Files;

namespace Retort.Teachers;

/// <summary>
/// A teacher from a file of weights: a safetensors file, a PyTorch state file (<c>.pth</c>, <c>.pt</c>, <c>.bin</c>),
/// or a folder that Retort wrote a network into, or a model's folder of Hugging Face. A file holds tensors by name; the
/// recipe names the network.
/// </summary>
public sealed record CheckpointTeacherOptions : PretrainedTeacherOptions
{
    /// <summary>The network that the weights belong to; names and shapes must be the file's.</summary>
    public required ModelOptions Network { get; init; }

    /// <summary>
    /// The file, or a network's folder in a run, a student's folder, or a model's folder of Hugging Face.
    /// </summary>
    [RecipePath]
    public required string Path { get; init; }

    /// <summary>
    /// Which mapping of names to tensors to read, such as <c>ema.state_dict</c>, where a PyTorch state file holds
    /// several. Unless given, the only one.
    /// </summary>
    public string? Key { get; init; }

    /// <summary>
    /// The beginning of the names to read, such as <c>model.</c>; other names are left out. A prefix that all names
    /// have need not be given.
    /// </summary>
    public string? Prefix { get; init; }

    public override ITeacher Open(DatasetInfo data, torch.Device device)
    {
        var file = WeightsFile.Resolve(Path);
        TeacherFile.Check(file, TeacherFile.Checkpoint);
        var info = data.ForTeacher;
        var saved = Directory.Exists(Path) ? ReadNormalization(data) : null;
        var renormalization = new Renormalization(info.Inputs, Normalization ?? saved, device);
        Network? network = null;
        try
        {
            network = ModuleFactory.Create(() => Network.Build(info));
            using (var scope = torch.NewDisposeScope())
            {
                var tensors = network.Rename(Read(file), file);
                if (WithoutClassifier(network, tensors, info) is { } backbone)
                {
                    network.Dispose();
                    network = backbone;
                }
                WeightsFile.LoadStateDict(network.state_dict(), tensors, file);
            }
            network.to(device).ToMemoryFormat(network.PreferredFormat);
            return new NetworkTeacher(network, owns: true, renormalization);
        }
        catch
        {
            network?.Dispose();
            renormalization.Dispose();
            throw;
        }
    }

    // a file without a classifier is a teacher of embeddings; null of a file that has one, or fits no better without
    Network? WithoutClassifier(Network network, IReadOnlyDictionary<string, Tensor> tensors, DatasetInfo info)
    {
        if (info.Classes.Count == 0 || tensors.Count >= network.state_dict().Count) return null;

        var backbone = ModuleFactory.Create(() => Network.Build(info with { Classes = [] }));
        if (WeightsFile.HasNamesOf(backbone.state_dict(), tensors)) return backbone;

        backbone.Dispose();
        return null;
    }

    Dictionary<string, Tensor> Read(string file)
    {
        var tensors = WeightsFile.Read(file, key: Key);
        return Prefix is { } prefix ? WeightsFile.WithPrefix(tensors, prefix, file) : tensors;
    }

    // of the data that the folder's network was trained on, whose classes must be the recipe's
    Normalization? ReadNormalization(DatasetInfo data)
    {
        var config = System.IO.Path.Combine(Path, "config.json");
        if (!File.Exists(config) || JsonFile.Read<HuggingFaceConfig>(config, "a network").ModelType is not null)
            return null;

        var saved = JsonFile.Read<SavedInfo>(config, "a network").Data;
        if (saved.Classes.SequenceEqual(data.Classes)) return saved.Normalization;
        throw new InvalidDataException($"{Path} was trained on the classes {string.Join(", ", saved.Classes)}; "
            + $"the recipe's data has {string.Join(", ", data.Classes)}.");
    }

    // the part of a network's config.json that a teacher needs
    sealed record SavedInfo(DatasetInfo Data);

    // a key that every config.json of Hugging Face has; its class names and normalization are elsewhere
    sealed record HuggingFaceConfig([property: JsonPropertyName("model_type")] string? ModelType = null);
}
