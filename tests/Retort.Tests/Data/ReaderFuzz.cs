using Retort.Data;
using SkiaSharp;

namespace Retort.Tests.Data;

/// <summary>Damaged files, by the hundred: each is read or refused in our words, within its budget and in no time.</summary>
public sealed class ReaderFuzz
{
    const long Most = 40_000_000;                            // bytes allocated by one reading whose budget is 2 MB

    [Theory]
    [InlineData("train-images-idx3-ubyte")]
    [InlineData("train-labels-idx1-ubyte")]
    public void Idx(string file)
    {
        foreach (var zipped in new[] { false, true })
        {
            var folder = Written.Idx(zipped);
            Damage(Path.Combine(folder, zipped ? file + ".gz" : file), 100, () => new IdxOptions { Path = folder, Budget = 2 }.Open());
        }
    }

    [Fact]
    public void Cifar()
    {
        var files = Enumerable.Range(1, 5).ToDictionary(i => $"data_batch_{i}.bin", i => Written.Cifar(1, (byte)i));
        files["test_batch.bin"] = Written.Cifar(1, 7);
        var folder = Written.OnDisk(files);
        Damage(Path.Combine(folder, "test_batch.bin"), 100, () => new CifarOptions { Path = folder, Budget = 2 }.Open());
    }

    [Theory]
    [InlineData(".tar")]
    [InlineData(".tar.gz")]
    [InlineData(".tar.zst")]
    public void Archives(string ending)
    {
        var path = Written.Archive(Written.Pets(), ending);
        Damage(path, 100, () => new PictureFolderOptions { Path = path, Budget = 2, MaxPixels = 100_000 }.Open());
    }

    [Theory]
    [InlineData("x,y,kind\n1,2,a\n3,4,b\n5,6,\"a\"\n7,8.5e1,b\n")]
    public void Tables(string text)
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("retort-fuzz-").FullName, "t.csv");
        File.WriteAllText(path, text);
        Damage(path, 200, () => new CsvOptions { Path = path, Budget = 2 }.Open());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Pictures(bool jpeg)
    {
        using var noise = new SKBitmap(24, 24);
        new Random(1).NextBytes(noise.GetPixelSpan());
        using var encoded = noise.Encode(jpeg ? SKEncodedImageFormat.Jpeg : SKEncodedImageFormat.Png, 80);
        var path = Path.Combine(Directory.CreateTempSubdirectory("retort-fuzz-").FullName, "x");
        File.WriteAllBytes(path, encoded.ToArray());
        Damage(path, 300, () => PictureCodec.Decode(File.ReadAllBytes(path), path, canvas =>
        {
            if (canvas.Area > 100_000) throw new InvalidDataException($"{path} is too large.");
        }));
    }

    static void Damage(string path, int times, Action read)
    {
        var whole = File.ReadAllBytes(path);
        read();                                              // sound as it is
        var refused = 0;
        for (var seed = 0; seed < times; seed++)
        {
            File.WriteAllBytes(path, Damaged(whole, new Random(seed)));
            var before = GC.GetTotalAllocatedBytes();
            var error = Record.Exception(read);
            Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, Most);
            if (error is not null) Assert.True(error is InvalidDataException && error.Message.Contains(Path.GetDirectoryName(path)!, StringComparison.Ordinal), $"seed {seed}: {error}");
            refused += error is null ? 0 : 1;
        }
        Assert.InRange(refused, 1, times);
    }

    /// <summary>A few bytes changed, a piece cut out, or the end cut off.</summary>
    static byte[] Damaged(byte[] whole, Random chance)
    {
        var bytes = whole.ToArray();
        if (chance.Next(4) == 0) return bytes[..chance.Next(bytes.Length)];
        if (chance.Next(4) == 0) { var at = chance.Next(bytes.Length); return [.. bytes[..at], .. bytes[Math.Min(at + chance.Next(1, 40), bytes.Length)..]]; }
        var reach = chance.Next(2) == 0 ? Math.Min(bytes.Length, 600) : bytes.Length;         // headers stand at the beginning
        for (var i = chance.Next(1, 6); i > 0; i--) bytes[chance.Next(reach)] = (byte)chance.Next(256);
        return bytes;
    }
}
