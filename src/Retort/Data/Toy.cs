using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Retort.Data;

/// <summary>Options of <see cref="Toy"/>.</summary>
public sealed record ToyOptions : DataOptions
{
    /// <summary>Examples of the training part; validation and test have half as many each.</summary>
    [AtLeast(1)] public int Examples { get; init; } = 256;

    /// <summary>How many kinds of pictures.</summary>
    [AtLeast(1)] public int Classes { get; init; } = 4;

    /// <summary>The seed of the pictures.</summary>
    public int Seed { get; init; } = 1;

    public override Dataset Open()
    {
        OptionRules.Check(this);
        int[] counts = [Examples, Math.Max(Examples / 2, 1), Math.Max(Examples / 2, 1)];
        var parts = counts.Select((count, part) => new Toy(this, part, count)).ToList();
        return new() { Name = "toy", Hash = Toy.Hash(parts), Training = parts[0], Validation = parts[1], Test = parts[2] };
    }
}

/// <summary>Noisy pictures of 28 × 28, a bright band a class: made, not read, for tests and samples.</summary>
public sealed class Toy : IDataSplit
{
    readonly float[][] _pixels;
    readonly long[] _labels;

    public Toy(ToyOptions options, int part, int count)
    {
        var chance = new RandomStream(options.Seed, StreamKey.Data, part);
        Info = new()
        {
            Classes = [.. Enumerable.Range(0, options.Classes).Select(i => $"band {i}")],
            Inputs = [TensorSpec.PixelValues(1, 28, 28)],
        };
        _labels = new long[count];
        for (var i = 0; i < count; i++) _labels[i] = chance.NextInt(options.Classes);
        _pixels = new float[count][];
        for (var i = 0; i < count; i++) _pixels[i] = Picture(_labels[i], options.Classes, ref chance);
    }

    public int Count => _labels.Length;
    public DatasetInfo Info { get; }
    public int? Views => 1;

    public void Load(ReadOnlySpan<int> positions, View view, HostBatch into)
    {
        into.Reset(positions.Length);
        into.ViewIndex = 0;
        var pixels = into.Float32(InputNames.PixelValues, [1, 28, 28]);
        for (var i = 0; i < positions.Length; i++)
        {
            _pixels[positions[i]].CopyTo(pixels[(i * 784)..]);
            (into.Labels[i], into.Ids[i]) = (_labels[positions[i]], positions[i]);
        }
    }

    internal static string Hash(IReadOnlyList<Toy> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts)
        {
            hash.AppendData(MemoryMarshal.AsBytes(part._labels.AsSpan()));
            foreach (var picture in part._pixels) hash.AppendData(MemoryMarshal.AsBytes(picture.AsSpan()));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    static float[] Picture(long label, int classes, ref RandomStream chance)
    {
        var picture = new float[784];
        for (var i = 0; i < 784; i++)
            picture[i] = (float)(chance.Uniform() - 0.5) + (i / 28 * classes / 28 == label ? 0.5f : 0);
        return picture;
    }
}
