using System.Runtime.InteropServices;

namespace Retort.Tensors;

/// <summary>Copies numbers between spans and tensors.</summary>
/// <remarks>
/// <c>torch.tensor(array)</c> pins the array and shares its memory. The alignment then depends on the heap, and with it
/// the last bit of a matrix product.
/// </remarks>
public static class TensorConversion
{
    extension(ReadOnlySpan<float> values)
    {
        /// <summary>Copies the values into a float32 tensor of this shape, on the CPU.</summary>
        public Tensor ToTensor(params ReadOnlySpan<long> shape) =>
            CopyBytes(MemoryMarshal.AsBytes(values), shape, ScalarType.Float32);
    }

    extension(ReadOnlySpan<double> values)
    {
        /// <summary>Copies the values into a float64 tensor of this shape, on the CPU.</summary>
        public Tensor ToTensor(params ReadOnlySpan<long> shape) =>
            CopyBytes(MemoryMarshal.AsBytes(values), shape, ScalarType.Float64);
    }

    extension(ReadOnlySpan<long> values)
    {
        /// <summary>Copies the values into an int64 tensor of this shape, on the CPU.</summary>
        public Tensor ToTensor(params ReadOnlySpan<long> shape) =>
            CopyBytes(MemoryMarshal.AsBytes(values), shape, ScalarType.Int64);
    }

    extension(ReadOnlySpan<byte> values)
    {
        /// <summary>
        /// Copies the values into a uint8 tensor of this shape, on the CPU: a quarter of the memory that images take
        /// as float32.
        /// </summary>
        public Tensor ToTensor(params ReadOnlySpan<long> shape) => CopyBytes(values, shape, ScalarType.Byte);
    }

    extension(Tensor x)
    {
        /// <summary>
        /// The values as float32, in the order of the shape, from any device, type and memory format.
        /// </summary>
        public float[] ToFloatArray() => Read<float>(x, ScalarType.Float32);

        /// <summary>
        /// The values as float64, in the order of the shape, from any device, type and memory format.
        /// </summary>
        public double[] ToDoubleArray() => Read<double>(x, ScalarType.Float64);

        /// <summary>The values as int64, in the order of the shape, from any device, type and memory format.</summary>
        public long[] ToLongArray() => Read<long>(x, ScalarType.Int64);
    }

    static T[] Read<T>(Tensor x, ScalarType type) where T : unmanaged
    {
        using var scope = NewDisposeScope();
        return MemoryMarshal.Cast<byte, T>(x.detach().to(type).cpu().contiguous().bytes).ToArray();
    }

    static Tensor CopyBytes(ReadOnlySpan<byte> bytes, ReadOnlySpan<long> shape, ScalarType type)
    {
        var tensor = empty(shape, dtype: type);
        var target = tensor.bytes;
        if (bytes.Length == target.Length)
        {
            bytes.CopyTo(target);
            return tensor;
        }

        tensor.Dispose();
        throw new ArgumentException(
            $"[{string.Join(", ", shape.ToArray())}] of {type} takes {target.Length} bytes; {bytes.Length} came.",
            nameof(shape));
    }
}
