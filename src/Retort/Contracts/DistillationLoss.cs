namespace Retort.Contracts;

/// <summary>A method that is a loss: the trainer drives it.</summary>
public abstract class DistillationLoss : IDisposable
{
    /// <summary>The outputs it needs.</summary>
    public abstract RequiredOutputs Requires { get; }

    /// <summary>
    /// Projections and queues: parameters are trained with the student, buffers are stored. The trainer moves it to the
    /// device, gives its parameters to the optimizer and writes all of it into the checkpoint.
    /// </summary>
    public virtual Module? State => null;

    /// <summary>How the student's moving average is computed, where <see cref="Requires"/> needs it.</summary>
    public virtual EmaSettings Ema => EmaSettings.Default;

    /// <summary>The paper's whole objective. Opens no dispose scope, disposes nothing, changes no state.</summary>
    public abstract LossTerms Compute(Batch batch, Outputs teacher, Outputs student);

    /// <summary>Called after each optimizer step, without gradient, with the arguments of <see cref="Compute"/>.</summary>
    public virtual void AfterStep(Batch batch, Outputs teacher, Outputs student) { }

    /// <inheritdoc/>
    public void Dispose() => State?.Dispose();
}
