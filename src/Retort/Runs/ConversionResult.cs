namespace Retort.Runs;

/// <summary>The result of a conversion of weights.</summary>
/// <param name="Path">The file that was written.</param>
/// <param name="Tensors">The number of tensors.</param>
/// <param name="Numbers">The number of values in all of them.</param>
/// <param name="Types">The tensors' types.</param>
/// <param name="Sha256">The file's SHA-256.</param>
public sealed record ConversionResult(
    string Path, int Tensors, long Numbers, IReadOnlyList<string> Types, string Sha256);
