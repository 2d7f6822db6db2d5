using Retort.Tensors.Files;

namespace Retort.Models;

/// <summary>
/// Options of a network that may begin with the weights of a file, with layers that stay as they are.
/// </summary>
public abstract record PretrainableModelOptions : ModelOptions, IValidated
{
    /// <summary>
    /// The weights that the network begins with: a <c>.pth</c>, <c>.pt</c> or <c>.safetensors</c> file of its
    /// state_dict, or the folder of a network in a run. The classifier is drawn anew where its shape does not fit the
    /// data's classes; all other weights must fit. A run that is done does not need the file.
    /// </summary>
    [RecipePath] public string? Initial { get; init; }

    /// <summary>
    /// The layers that keep the weights of <c>initial</c> in training: names of modules or parameters, such as
    /// <c>layer1</c>, or <c>backbone</c> for all but the classifier. Their batch norms use the running statistics, and
    /// weight decay does not change them.
    /// </summary>
    [NotEmpty("name")] public IReadOnlyList<string>? Frozen { get; init; }

    /// <summary>The beginning of the names of the classifier's parameters: <c>fc.</c></summary>
    internal abstract string ClassifierPrefix { get; }

    public sealed override Network Build(DatasetInfo info)
    {
        OptionRules.Check(this);
        var network = BuildDrawn(info);
        if (Initial is null) return network;
        try
        {
            InitialWeights.Load(network, Initial, ClassifierPrefix);
            if (Frozen is not null) FrozenLayers.Freeze(network, Frozen, ClassifierPrefix);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    public sealed override ModelOptions Architecture() => this with { Initial = null, Frozen = null };

    public sealed override string? HashPretrained() =>
        Initial is null ? null : FileHash.Sha256(WeightsFile.Resolve(Initial));

    public sealed override string? DescribeInitial(DatasetInfo info)
    {
        if (Initial is null) return null;

        var frozen = Frozen is null ? "" : $"; frozen: {string.Join(", ", Frozen).OnOneLine()}";
        return InitialWeights.Describe(Initial, ClassifierPrefix, info) + frozen;
    }

    public virtual OptionError? Validate() => Frozen is null || Initial is not null ? null
        : new(nameof(Frozen), "needs \"initial\": layers with drawn weights would never learn.");

    /// <summary>Builds the network with new weights.</summary>
    internal abstract Network BuildDrawn(DatasetInfo info);
}
