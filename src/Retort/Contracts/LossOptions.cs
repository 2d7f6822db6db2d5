namespace Retort.Contracts;

/// <summary>The options of a method that is a loss.</summary>
public abstract record LossOptions : MethodOptions
{
    /// <summary>Builds the loss for one training.</summary>
    /// <exception cref="InvalidOperationException">The method does not fit the task or the networks.</exception>
    public abstract DistillationLoss Build(MethodContext context);
}
