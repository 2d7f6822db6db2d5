namespace Retort.Contracts;

/// <summary>A loss the trainer drives.</summary>
public abstract class DistillationLoss : IDisposable
{
    /// <summary>Who is asked for what.</summary>
    public abstract RequiredOutputs Requires { get; }

    /// <summary>The whole objective. Opens no scope, disposes nothing, changes no state.</summary>
    public abstract LossTerms Compute(Batch batch, Outputs teacher, Outputs student);

    /// <summary>
    /// Heads and queues: its parameters are trained along, its buffers kept. The trainer moves it to the device,
    /// gives its parameters to the optimizer and writes all of it into the checkpoint.
    /// </summary>
    public virtual Module? State => null;

    /// <summary>How the student's moving average is kept, where <see cref="Requires"/> ask for it.</summary>
    public virtual EmaSettings Ema => EmaSettings.Default;

    /// <summary>Called once after each optimizer step, without gradient, with what <see cref="Compute"/> saw.</summary>
    public virtual void AfterStep(Batch batch, Outputs teacher, Outputs student) { }

    public void Dispose() => State?.Dispose();
}
