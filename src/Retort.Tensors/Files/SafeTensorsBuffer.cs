namespace Retort.Tensors.Files;

/// <summary>Named tensors in memory, in the format of a safetensors file: the body of a request or response.</summary>
public static class SafeTensorsBuffer
{
    /// <summary>The bytes of a file with these tensors. Equal tensors give equal bytes.</summary>
    /// <param name="tensors">The tensors by name, on any device.</param>
    /// <param name="metadata">Names and texts for the header.</param>
    public static byte[] Write(
        IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        using var buffer = new MemoryStream();
        SafeTensors.Content(tensors, metadata)(buffer);
        return buffer.ToArray();
    }

    /// <summary>Reads all tensors, on the CPU. They belong to the caller's scope, or to the caller.</summary>
    /// <param name="content">The bytes.</param>
    /// <param name="source">Where they come from, for messages.</param>
    /// <exception cref="InvalidDataException">They are no such file, or a damaged one.</exception>
    public static (Dictionary<string, Tensor> Tensors, IReadOnlyDictionary<string, string> Metadata) Read(
        byte[] content, string source)
    {
        using var stream = new MemoryStream(content, writable: false);
        return SafeTensors.ReadAll(stream, source, long.MaxValue);
    }
}
