namespace Retort.Contracts;

/// <summary>The options of a method that is a loss.</summary>
public abstract record LossOptions : MethodOptions
{
    /// <summary>
    /// The outputs of the teacher that the loss needs, where the options alone decide; null where they do not say. Only
    /// a loss that says so can be part of a procedure.
    /// </summary>
    public virtual OutputSet? RequiredOfTeacher() => null;

    /// <summary>Builds the loss for one training.</summary>
    /// <exception cref="InvalidOperationException">The method does not fit the task or the networks.</exception>
    public abstract DistillationLoss Build(MethodContext context);
}
