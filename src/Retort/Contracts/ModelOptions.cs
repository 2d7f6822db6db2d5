namespace Retort.Contracts;

/// <summary>The options of a network, as a recipe states them.</summary>
public abstract record ModelOptions
{
    /// <summary>Builds the network with new weights, drawn from libtorch's generator.</summary>
    public abstract Network Build(DatasetInfo info);
}
