using System.Runtime.InteropServices;

namespace Retort.Contracts.Learners;

/// <summary>Rows of numbers of which the newest are kept: the steps of an environment.</summary>
/// <remarks>The rows are in a tensor, so that a checkpoint holds them.</remarks>
sealed class StepBuffer : IDisposable
{
    const int Written = 0;

    readonly HostNumbers _counts = new(1);

    /// <param name="capacity">How many rows are kept.</param>
    /// <param name="width">The numbers in a row.</param>
    public StepBuffer(int capacity, int width)
    {
        (Capacity, Width) = (capacity, width);
        Rows = torch.zeros(capacity, width).DetachFromDisposeScope();
    }

    /// <summary>How many rows are kept.</summary>
    public int Capacity { get; }

    /// <summary>The numbers in a row.</summary>
    public int Width { get; }

    /// <summary>How many rows there are.</summary>
    public int Count => (int)Math.Min(_counts[Written], Capacity);

    Tensor Rows { get; }

    /// <summary>The tensors of a checkpoint.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> State =>
        [new("steps", Rows), new("steps.written", _counts.Tensor)];

    /// <summary>Adds a row; the oldest one goes where all are in use.</summary>
    public void Add(ReadOnlySpan<float> row)
    {
        var at = (int)(_counts[Written] % Capacity);
        row.CopyTo(Values.Slice(at * Width, Width));
        _counts[Written]++;
    }

    /// <summary>A row by its age: 0 is the newest.</summary>
    public ReadOnlySpan<float> Newest(int age)
    {
        var at = (int)((_counts[Written] - 1 - age) % Capacity);
        return Values.Slice(at * Width, Width);
    }

    /// <summary>Rows drawn uniformly, with repetition, from the newest ones. [B × width]</summary>
    /// <param name="batch">B.</param>
    /// <param name="among">How many of the newest rows can be drawn.</param>
    /// <param name="random">Draws them.</param>
    public float[] Draw(int batch, int among, ref RandomStream random)
    {
        var count = Math.Min(Count, among);
        if (count == 0) throw new InvalidOperationException("There is no step to draw from yet.");

        var drawn = new float[batch * Width];
        for (var i = 0; i < batch; i++) Newest(random.NextInt(count)).CopyTo(drawn.AsSpan(i * Width));
        return drawn;
    }

    public void Dispose()
    {
        Rows.Dispose();
        _counts.Dispose();
    }

    Span<float> Values => MemoryMarshal.Cast<byte, float>(Rows.bytes);
}
