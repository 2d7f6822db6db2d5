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
}
