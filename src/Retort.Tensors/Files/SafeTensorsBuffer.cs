using static TorchSharp.torch;

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
        using var scope = NewDisposeScope();
        var ordered = tensors.OrderByDescending(pair => pair.Value.element_size())   // aligns each tensor
            .ThenBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => (pair.Key, Value: pair.Value.detach().cpu().contiguous())).ToList();
        using var buffer = new MemoryStream();
        buffer.Write(SafeTensorsHeader.Encode(
            [.. ordered.Select(pair => (pair.Key, pair.Value.dtype, pair.Value.shape))], metadata));
        foreach (var (_, tensor) in ordered)
            if (tensor.numel() > 0) buffer.Write(tensor.bytes);
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
        var header = SafeTensorsHeader.Read(stream, source, long.MaxValue);
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var entry in header.Entries)
        {
            var tensor = empty(entry.Shape, dtype: entry.Type);
            tensors.Add(entry.Name, tensor);
            if (tensor.numel() == 0) continue;
            content.AsSpan((int)(header.DataStart + entry.From), (int)(entry.To - entry.From)).CopyTo(tensor.bytes);
        }
        return (tensors, header.Metadata);
    }
}
