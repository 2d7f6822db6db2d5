using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Retort.Data;

/// <summary>Options of <see cref="Toy"/>.</summary>
public sealed record ToyOptions : DataOptions
{
    /// <summary>Examples of the training split; validation and test have half as many each.</summary>
    [AtLeast(1)] public int Examples { get; init; } = 256;

    /// <summary>How many classes.</summary>
    [AtLeast(1)] public int Classes { get; init; } = 4;

    /// <summary>The seed of the images.</summary>
    public int Seed { get; init; } = 1;

    public override Dataset Open()
    {
        OptionRules.Check(this);
        var evaluation = Math.Max(Examples / 2, 1);
        int[] counts = [Examples, evaluation, evaluation];
        var splits = counts.Select((count, part) => new Toy(this, part, count)).ToList();
        return new()
        {
            Name = "toy",
            Hash = Toy.Hash(splits),
            Training = splits[0],
            Validation = splits[1],
            Test = splits[2],
        };
    }
}

/// <summary>
/// Computed images for tests and samples: noise of 28 × 28 with a bright band, whose place is the class.
/// </summary>
public sealed class Toy : IDataSplit
{
    const int Side = 28;

    readonly float[][] _pixels;
    readonly long[] _labels;

    public Toy(ToyOptions options, int part, int count)
    {
        var random = new RandomStream(options.Seed, StreamKey.Data, part);
        Info = new()
        {
            Classes = [.. Enumerable.Range(0, options.Classes).Select(i => $"band {i}")],
            Inputs = [TensorSpec.PixelValues(1, Side, Side)],
        };
        _labels = new long[count];
        for (var i = 0; i < count; i++) _labels[i] = random.NextInt(options.Classes);
        _pixels = new float[count][];
        for (var i = 0; i < count; i++) _pixels[i] = DrawImage(_labels[i], options.Classes, ref random);
    }

    public int Count => _labels.Length;
    public DatasetInfo Info { get; }
    public int? Views => 1;

    public void Load(ReadOnlySpan<int> positions, View view, HostBatch into)
    {
        into.Reset(positions.Length);
        into.ViewIndex = 0;
        var pixels = into.Float32(InputNames.PixelValues, [1, Side, Side]);
        for (var i = 0; i < positions.Length; i++)
        {
            _pixels[positions[i]].CopyTo(pixels[(i * Side * Side)..]);
            into.Labels[i] = _labels[positions[i]];
            into.Ids[i] = positions[i];
        }
    }

    internal static string Hash(IReadOnlyList<Toy> splits)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var split in splits)
        {
            hash.AppendData(MemoryMarshal.AsBytes(split._labels.AsSpan()));
            foreach (var image in split._pixels) hash.AppendData(MemoryMarshal.AsBytes(image.AsSpan()));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    static float[] DrawImage(long label, int classes, ref RandomStream random)
    {
        var image = new float[Side * Side];
        for (var i = 0; i < image.Length; i++)
            image[i] = (float)(random.Uniform() - 0.5) + (i / Side * classes / Side == label ? 0.5f : 0);
        return image;
    }
}
