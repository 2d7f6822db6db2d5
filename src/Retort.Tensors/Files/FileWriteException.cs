namespace Retort.Tensors.Files;

/// <summary>A file cannot be written.</summary>
public sealed class FileWriteException : IOException
{
    internal FileWriteException(string path, string reason, Exception error)
        : base($"{path} cannot be written: {reason}", error) => Path = path;

    /// <summary>The file, as the message names it.</summary>
    public string Path { get; }
}
