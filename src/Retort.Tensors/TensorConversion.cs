using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Tensors;

/// <summary>
/// Numbers into tensors by copying. <c>torch.tensor(array)</c> pins the array and shares its memory: its alignment
/// depends on the heap, and with it the last bit of a matrix product.
/// </summary>
public static class TensorConversion
{
    extension(ReadOnlySpan<float> values)
    {
        public Tensor ToTensor(params ReadOnlySpan<long> shape) => Fill(MemoryMarshal.AsBytes(values), shape, ScalarType.Float32);
    }

    extension(ReadOnlySpan<long> values)
    {
        public Tensor ToTensor(params ReadOnlySpan<long> shape) => Fill(MemoryMarshal.AsBytes(values), shape, ScalarType.Int64);
    }

    extension(ReadOnlySpan<byte> values)
    {
        /// <summary>As uint8, a quarter of the memory that pictures take as float32.</summary>
        public Tensor ToTensor(params ReadOnlySpan<long> shape) => Fill(values, shape, ScalarType.Byte);
    }

    extension(Span<float> values)
    {
        public Tensor ToTensor(params ReadOnlySpan<long> shape) => ((ReadOnlySpan<float>)values).ToTensor(shape);
    }

    extension(Span<long> values)
    {
        public Tensor ToTensor(params ReadOnlySpan<long> shape) => ((ReadOnlySpan<long>)values).ToTensor(shape);
    }

    extension(float[] values)
    {
        public Tensor ToTensor(params ReadOnlySpan<long> shape) => values.AsSpan().ToTensor(shape);
    }

    extension(long[] values)
    {
        public Tensor ToTensor(params ReadOnlySpan<long> shape) => values.AsSpan().ToTensor(shape);
    }

    extension(Tensor x)
    {
        /// <summary>The numbers as an array of float32, in the order of the shape, from any device, type and memory format.</summary>
        public float[] ToFloatArray() => Read<float>(x, ScalarType.Float32);

        /// <summary>The numbers as an array of int64, in the order of the shape.</summary>
        public long[] ToLongArray() => Read<long>(x, ScalarType.Int64);
    }

    static T[] Read<T>(Tensor x, ScalarType type) where T : unmanaged
    {
        using var scope = NewDisposeScope();
        return MemoryMarshal.Cast<byte, T>(x.detach().to(type).cpu().contiguous().bytes).ToArray();
    }

    static Tensor Fill(ReadOnlySpan<byte> bytes, ReadOnlySpan<long> shape, ScalarType type)
    {
        var tensor = empty(shape, dtype: type);
        var room = tensor.bytes;
        if (bytes.Length == room.Length)
        {
            bytes.CopyTo(room);
            return tensor;
        }
        tensor.Dispose();
        throw new ArgumentException($"[{string.Join(", ", shape.ToArray())}] of {type} takes {room.Length} bytes; {bytes.Length} came.", nameof(shape));
    }
}
