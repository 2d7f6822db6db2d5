using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Tensors;

/// <summary>
/// Numbers into tensors by copying. <c>torch.tensor(array)</c> pins the array and shares its memory: its alignment
/// depends on the heap, and with it the last bit of a matrix product.
/// </summary>
public static class Copies
{
    extension(ReadOnlySpan<float> values)
    {
        public Tensor Copied(params ReadOnlySpan<long> shape) => Fill(MemoryMarshal.AsBytes(values), shape, ScalarType.Float32);
    }

    extension(ReadOnlySpan<long> values)
    {
        public Tensor Copied(params ReadOnlySpan<long> shape) => Fill(MemoryMarshal.AsBytes(values), shape, ScalarType.Int64);
    }

    extension(Span<float> values)
    {
        public Tensor Copied(params ReadOnlySpan<long> shape) => ((ReadOnlySpan<float>)values).Copied(shape);
    }

    extension(Span<long> values)
    {
        public Tensor Copied(params ReadOnlySpan<long> shape) => ((ReadOnlySpan<long>)values).Copied(shape);
    }

    extension(float[] values)
    {
        public Tensor Copied(params ReadOnlySpan<long> shape) => values.AsSpan().Copied(shape);
    }

    extension(long[] values)
    {
        public Tensor Copied(params ReadOnlySpan<long> shape) => values.AsSpan().Copied(shape);
    }

    static Tensor Fill(ReadOnlySpan<byte> bytes, ReadOnlySpan<long> shape, ScalarType type)
    {
        var tensor = empty(shape, dtype: type);
        bytes.CopyTo(tensor.bytes);
        return tensor;
    }
}
