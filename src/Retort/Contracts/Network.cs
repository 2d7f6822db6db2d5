namespace Retort.Contracts;

/// <summary>A network the engine can train, save, copy and export.</summary>
public abstract class Network(string name) : Module(name)
{
    /// <summary>What <see cref="Forward"/> can be asked for.</summary>
    public abstract OutputSet AvailableOutputs { get; }

    /// <summary>The memory format it trains fastest in on a CPU, measured per family.</summary>
    public virtual MemoryFormat PreferredFormat => MemoryFormat.Contiguous;

    /// <summary>What was asked for and nothing else, written in the words of <see cref="Operators"/>.</summary>
    public abstract Outputs Forward(Inputs inputs, OutputSet wanted);
}
