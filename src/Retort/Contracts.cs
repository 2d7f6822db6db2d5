namespace Retort;

/// <summary>A loss the trainer drives.</summary>
public abstract class Distillation : IDisposable
{
    /// <summary>Who is asked for what.</summary>
    public abstract Needs Needs { get; }

    /// <summary>The whole objective. Opens no scope, disposes nothing, changes no state.</summary>
    public abstract Terms Loss(Batch batch, Outputs teacher, Outputs student);

    /// <summary>
    /// Heads and queues: its parameters are trained along, its buffers kept. The trainer moves it to the device,
    /// gives its parameters to the optimizer and writes all of it into the checkpoint.
    /// </summary>
    public virtual Module? State => null;

    /// <summary>How the student's moving average is kept, where <see cref="Needs"/> ask for it.</summary>
    public virtual MovingAverageRule Average => MovingAverageRule.Usual;

    /// <summary>Called once after each optimizer step, without gradient, with what <see cref="Loss"/> saw.</summary>
    public virtual void AfterStep(Batch batch, Outputs teacher, Outputs student) { }

    public void Dispose() => State?.Dispose();
}

/// <summary>A network the engine can train, save, copy and export.</summary>
public abstract class Network(string name) : Module(name)
{
    /// <summary>What <see cref="Forward"/> can be asked for.</summary>
    public abstract Signals Offers { get; }

    /// <summary>The memory format it trains fastest in on a CPU, measured per family.</summary>
    public virtual MemoryFormat Format => MemoryFormat.Contiguous;

    /// <summary>What was asked for and nothing else, written in the words of <see cref="Operators"/>.</summary>
    public abstract Outputs Forward(Inputs inputs, Signals wanted);
}

/// <summary>Something that knows: a network, an ONNX file, a cache, an ensemble.</summary>
public interface ITeacher : IDisposable
{
    /// <summary>What <see cref="Teach"/> can be asked for.</summary>
    Signals Offers { get; }

    /// <summary>Its answer, without gradient.</summary>
    Outputs Teach(Batch batch, Signals wanted);

    /// <summary>
    /// What it is, as a SHA-256 in lower-case hexadecimal, taken anew at each call: over the weights that it answers with, or
    /// the file they are in, or what a service says of itself. The same before and after it has taught, and in every process.
    /// </summary>
    string Hash();
}
