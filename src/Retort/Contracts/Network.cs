namespace Retort.Contracts;

/// <summary>A network that can be trained, saved, copied and exported.</summary>
public abstract class Network(string name) : Module(name)
{
    /// <summary>The outputs that <see cref="Forward"/> can compute.</summary>
    public abstract OutputSet AvailableOutputs { get; }

    /// <summary>The memory format in which it trains fastest on a CPU, measured for each family.</summary>
    public virtual MemoryFormat PreferredFormat => MemoryFormat.Contiguous;

    /// <summary>Computes the wanted outputs and no others, with the operators of <see cref="Operators"/>.</summary>
    public abstract Outputs Forward(Inputs inputs, OutputSet wanted);

    /// <summary>
    /// The tensors of a published file of weights by this network's names, without those that no network of its family
    /// uses. A family whose files all have its own names changes nothing.
    /// </summary>
    /// <param name="tensors">The tensors by the file's names.</param>
    /// <param name="source">The file, for messages.</param>
    public virtual IReadOnlyDictionary<string, Tensor> Rename(
        IReadOnlyDictionary<string, Tensor> tensors, string source) => tensors;
}
