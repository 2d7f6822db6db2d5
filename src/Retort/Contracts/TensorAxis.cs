using System.Text.Json.Serialization;

namespace Retort.Contracts;

/// <summary>One axis of an input.</summary>
/// <param name="Name">What it counts: channels, height, width, sequence, samples, features.</param>
/// <param name="Size">Its size; null where it varies: a batch is then as long as its longest example, with
/// padding.</param>
/// <param name="MaxSize">The largest size of an axis that varies.</param>
public sealed record TensorAxis(string Name, long? Size, long? MaxSize = null)
{
    /// <summary>The size, or the largest possible size.</summary>
    [JsonIgnore]
    public long Most => Size ?? MaxSize ?? throw new InvalidOperationException(
        $"The axis \"{Name}\" varies and no largest size is known.");
}
