namespace Retort.Contracts;

/// <summary>Something that knows: a network, an ONNX file, a cache, an ensemble.</summary>
public interface ITeacher : IDisposable
{
    /// <summary>What <see cref="Forward"/> can be asked for.</summary>
    OutputSet AvailableOutputs { get; }

    /// <summary>Its answer, without gradient.</summary>
    Outputs Forward(Batch batch, OutputSet wanted);

    /// <summary>
    /// What it is, as a SHA-256 in lower-case hexadecimal, taken anew at each call: over the weights that it answers with, or
    /// the file they are in, or what a service says of itself. The same before and after it has taught, and in every process.
    /// </summary>
    string Fingerprint();
}
