using System.Runtime.InteropServices;

namespace Retort.Contracts.Learners;

/// <summary>Numbers that live in a tensor, so that a checkpoint holds them and restores them in place.</summary>
sealed class HostNumbers(int count) : IDisposable
{
    /// <summary>The numbers. [N] float64</summary>
    public Tensor Tensor { get; } =
        torch.zeros(count, dtype: torch.ScalarType.Float64).DetachFromDisposeScope();

    /// <summary>The numbers, to read and to write.</summary>
    public Span<double> Values => MemoryMarshal.Cast<byte, double>(Tensor.bytes);

    /// <summary>One of them.</summary>
    public double this[int index] { get => Values[index]; set => Values[index] = value; }

    public void Dispose() => Tensor.Dispose();
}
