namespace Retort.Tensors.Native;

/// <summary>
/// libtorch or TorchSharp's native library cannot be used here. The message says in one sentence why, and what to do.
/// </summary>
public sealed class NativeLibraryException : InvalidOperationException
{
    public NativeLibraryException() { }

    public NativeLibraryException(string message) : base(message) { }

    public NativeLibraryException(string message, Exception inner) : base(message, inner) { }
}
