namespace Retort.Tensors.Native;

/// <summary>The engine's native part cannot be used here; the message is one sentence that says why and what to do.</summary>
public sealed class NativeLibraryException : InvalidOperationException
{
    public NativeLibraryException() { }
    public NativeLibraryException(string message) : base(message) { }
    public NativeLibraryException(string message, Exception inner) : base(message, inner) { }
}
