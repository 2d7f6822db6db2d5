namespace Retort.Training;

/// <summary>The options of an optimizer.</summary>
public abstract record OptimizerOptions
{
    /// <summary>Builds the optimizer over these parameters; the names are those of its state in a checkpoint.</summary>
    public abstract Optimizer Build(IReadOnlyList<(string Name, TorchSharp.Modules.Parameter Parameter)> parameters);
}
