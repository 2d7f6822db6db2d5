using Retort.Tensors.Files;

namespace Retort.Models;

/// <summary>Options of <see cref="Bert"/> with pretrained weights, whose sizes are those of the weights.</summary>
public sealed record BertPretrainedOptions : ModelOptions
{
    /// <summary>
    /// The folder with the weights: Hugging Face's (<c>config.json</c> and <c>model.safetensors</c> or
    /// <c>pytorch_model.bin</c>), or that of a network <c>bert</c> in a run. A run that is done does not need it.
    /// </summary>
    [RecipePath]
    public required string Path { get; init; }

    /// <summary>
    /// Which of its layers become those of this network, in order, counted from 0: <c>[1, 3, 5]</c>. Unless given, all.
    /// </summary>
    [NotNegative] public IReadOnlyList<int> TakeLayers { get; init; } = [];

    /// <summary>How the vectors of a text's tokens become one, which is the embedding.</summary>
    public BertPooling Pooling { get; init; } = BertPooling.Pooler;

    /// <inheritdoc cref="BertOptions.Dropout"/>
    [LessThanOne] public double Dropout { get; init; } = 0.1;

    /// <inheritdoc cref="BertOptions.AttentionDropout"/>
    [LessThanOne] public double AttentionDropout { get; init; } = 0.1;

    public override Network Build(DatasetInfo info)
    {
        var options = (BertOptions)Architecture();
        var file = WeightsFile.Resolve(Path);

        // the file has at least a byte for each number, so a wrong config.json cannot fill the memory
        var network = ModuleFactory.Create(() => new Bert(options, info), new FileInfo(file).Length);
        try
        {
            BertWeights.Load(network, file, TakeLayers);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    public override ModelOptions Architecture()
    {
        OptionRules.Check(this);
        var sizes = BertConfig.Read(Path);
        foreach (var layer in TakeLayers)
            if (layer >= sizes.Layers) throw new InvalidDataException(
                Invariant($"takeLayers has layer {layer}; {Path} has the layers 0 to {sizes.Layers - 1}."));
        return sizes with
        {
            Layers = TakeLayers.Count > 0 ? TakeLayers.Count : sizes.Layers,
            Pooling = Pooling,
            Dropout = Dropout,
            AttentionDropout = AttentionDropout,
        };
    }

    public override string HashPretrained() => FileHash.Sha256(WeightsFile.Resolve(Path));
}
