using PureHDF;
using static System.FormattableString;

namespace Retort.Tensors.Files;

/// <summary>
/// Reads the float32 tensors of an HDF5 file, as Keras saves weights (<c>.h5</c>). The whole file is in memory
/// meanwhile, nothing in it is executed, and no more is allocated for tensors than the file has bytes.
/// </summary>
/// <remarks>
/// Keras stores its tensors as they are; compressed ones, which may be larger than the file, are refused by that.
/// PureHDF reserves what a header states before it reads: 20 of 3,000 damaged files took 50 MB to 2 GB for a moment.
/// </remarks>
public static class Hdf5File
{
    const long MaxFileBytes = 2_000_000_000;
    const int MaxDepth = 16;
    const int MaxObjects = 100_000;

    static ReadOnlySpan<byte> Signature => [0x89, (byte)'H', (byte)'D', (byte)'F', 0x0d, 0x0a, 0x1a, 0x0a];

    /// <summary>Whether a file begins as an HDF5 file.</summary>
    public static bool IsHdf5(string path)
    {
        using var file = InputFile.Open(path);
        Span<byte> start = stackalloc byte[Signature.Length];
        return file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length
            && start.SequenceEqual(Signature);
    }

    /// <summary>
    /// Reads all float32 tensors by their paths in the file, as <c>conv2d_1/conv2d_1/kernel:0</c>, on the CPU. They
    /// belong to the caller's dispose scope, or to the caller.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="maxBytes">Limit for the tensors' bytes. The file's length is a limit always.</param>
    /// <exception cref="InvalidDataException">It is damaged, or has no float32 tensor.</exception>
    public static Dictionary<string, Tensor> Read(string path, long maxBytes = long.MaxValue)
    {
        var content = new MemoryStream(InputFile.ReadAllBytes(path, MaxFileBytes));
        var tensors = new Dictionary<string, Tensor>();
        try
        {
            using var file = H5File.Open(content);
            var left = new Limits { Bytes = Math.Min(maxBytes, content.Length), Objects = MaxObjects };
            ReadGroup(file, "", depth: 0, left, tensors);
            return tensors.Count > 0 ? tensors
                : throw new InvalidDataException("it has no float32 tensor");
        }
        catch (Exception error) when (error is not FileWriteException)
        {
            foreach (var tensor in tensors.Values) tensor.Dispose();
            throw new InvalidDataException(
                $"{path} is no HDF5 file of weights, or damaged: {error.Message.TrimEnd('.').OnOneLine()}.", error);
        }
    }

    sealed class Limits
    {
        public long Bytes;
        public int Objects;
    }

    static void ReadGroup(
        IH5Group group, string place, int depth, Limits left, Dictionary<string, Tensor> tensors)
    {
        if (depth > MaxDepth) throw new InvalidDataException(Invariant(
            $"its groups must be at most {MaxDepth} deep"));

        foreach (var child in group.Children())
        {
            if (--left.Objects < 0) throw new InvalidDataException(Invariant(
                $"it must have at most {MaxObjects} groups and tensors"));

            var name = place + child.Name;
            if (child is IH5Group inner) ReadGroup(inner, name + "/", depth + 1, left, tensors);
            else if (child is IH5Dataset { Type: { Class: H5DataTypeClass.FloatingPoint, Size: sizeof(float) } } data)
                tensors[name] = ReadTensor(data, name, left);
        }
    }

    static Tensor ReadTensor(IH5Dataset data, string name, Limits left)
    {
        var (shape, bytes) = (new List<long>(), (Int128)sizeof(float));
        foreach (var size in data.Space.Dimensions)
        {
            shape.Add(checked((long)size));
            bytes *= size;
            if (bytes > left.Bytes) break;
        }
        if (bytes > left.Bytes) throw new InvalidDataException(
            $"the tensor {name} states more numbers than the file holds uncompressed");

        left.Bytes -= (long)bytes;
        var values = data.Read<float[]>();
        if (values.Length * (long)sizeof(float) != bytes) throw new InvalidDataException(Invariant(
            $"the tensor {name} must have {bytes / sizeof(float)} numbers; it has {values.Length}"));
        return values.AsSpan().ToTensor([.. shape]);
    }
}
