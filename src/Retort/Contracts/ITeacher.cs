namespace Retort.Contracts;

/// <summary>A teacher: a frozen network, an ONNX file, a cache, an ensemble or a service.</summary>
public interface ITeacher : IDisposable
{
    /// <summary>The outputs that <see cref="Forward"/> can return.</summary>
    OutputSet AvailableOutputs { get; }

    /// <summary>The wanted outputs for a batch, in eval mode and without gradient.</summary>
    Outputs Forward(Batch batch, OutputSet wanted);

    /// <summary>
    /// SHA-256 of what the outputs depend on, in lower-case hexadecimal, computed anew at each call: of the weights, of
    /// the file, or of what a service states about itself. It is the same before and after training, and in every
    /// process.
    /// </summary>
    string Fingerprint();

    /// <summary>
    /// Counts what one example costs it; null for a teacher that cannot be inspected, such as a service.
    /// </summary>
    InferenceCost? CountCost() => null;
}
