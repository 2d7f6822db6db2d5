namespace Retort.Contracts;

/// <summary>A method that is a loss: the trainer computes it at each step.</summary>
public abstract class DistillationLoss : IDisposable
{
    /// <summary>The outputs that the method needs.</summary>
    public abstract RequiredOutputs Requires { get; }

    /// <summary>
    /// The method's own parameters and buffers, for example projections and queues. The trainer moves them to the
    /// device, trains the parameters together with the student, and saves everything in the checkpoint.
    /// </summary>
    public virtual Module? State => null;

    /// <summary>How the student's moving average is computed, where <see cref="Requires"/> needs it.</summary>
    public virtual EmaSettings Ema => EmaSettings.Default;

    /// <summary>
    /// Why the terms cannot be computed for examples that are not trained on, as a sentence of the report; null where
    /// they can. A loss that stores something for each training example has such a reason.
    /// </summary>
    public virtual string? TrainingOnly => null;

    /// <summary>The paper's whole objective. Opens no dispose scope, disposes nothing, changes no state.</summary>
    public abstract LossTerms Compute(Batch batch, Outputs teacher, Outputs student);

    /// <summary>
    /// Called after each optimizer step, without gradient, with the arguments of <see cref="Compute"/>.
    /// </summary>
    public virtual void AfterStep(Batch batch, Outputs teacher, Outputs student) { }

    public void Dispose() => State?.Dispose();
}
