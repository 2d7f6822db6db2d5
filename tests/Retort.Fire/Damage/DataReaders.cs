using Retort.Data.Images;
using System.Formats.Tar;
using System.Text;
using Parquet;
using Parquet.Schema;
using Retort.Data;
using Retort.Data.Parquet;
using SkiaSharp;

namespace Retort.Fire.Damage;

/// <summary>Readers of data sets and pictures.</summary>
static class DataReaders
{
    const int Budget = 2;                                                  // megabytes that the data may take
    const int MostPixels = 100_000;

    public static Reader Idx(string folder, bool zipped)
    {
        (string Name, byte[] Content)[] files =
        [
            (
                "train-images-idx3-ubyte",
                [0, 0, 8, 3, 0, 0, 0, 10, 0, 0, 0, 2, 0, 0, 0, 3, .. Enumerable.Range(0, 60).Select(i => (byte)i)]),
            ("train-labels-idx1-ubyte", [0, 0, 8, 1, 0, 0, 0, 10, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1]),
            (
                "t10k-images-idx3-ubyte",
                [0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0, 3, .. Enumerable.Range(0, 24).Select(i => (byte)i)]),
            ("t10k-labels-idx1-ubyte", [0, 0, 8, 1, 0, 0, 0, 4, 1, 1, 0, 0]),
        ];
        return new()
        {
            Name = zipped ? "idx-gzip" : "idx",
            Folder = folder,
            Read = () => new IdxOptions { Path = folder, MemoryLimit = Budget }.Open(),
            Targets = [.. files.Select(file => zipped
                ? new Target(
                    Path.Combine(folder, file.Name + ".gz"),
                    (whole, random) => TarDamage.Gzip(PlainDamage.Idx(TarDamage.Gunzip(whole), random)),
                    TarDamage.Gzip(file.Content))
                : new Target(Path.Combine(folder, file.Name), PlainDamage.Idx, file.Content))],
        };
    }

    public static Reader Cifar(string folder)
    {
        byte[] names = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 10).Select(i => $"class{i}\n")));
        byte[] records = [.. Enumerable.Range(0, 10).SelectMany(k => (byte[])[(byte)k, .. new byte[3072]])];
        return new()
        {
            Name = "cifar",
            Folder = folder,
            Read = () => new CifarOptions { Path = folder, MemoryLimit = Budget }.Open(),
            Targets =
            [
                .. Enumerable.Range(1, 6).Select(i => new Target(
                    Path.Combine(folder, i == 6 ? "test_batch.bin" : $"data_batch_{i}.bin"),
                    PlainDamage.Cifar,
                    records)),
                new Target(Path.Combine(folder, "batches.meta.txt"), PlainDamage.Table, names),
            ],
        };
    }

    /// <summary>A picture alone, through the codec.</summary>
    public static Reader Picture(string folder, bool jpeg)
    {
        var path = Path.Combine(folder, "x");
        byte[][] sound =
        [
            .. new[] { SKColorType.Rgba8888, SKColorType.Gray8 }.Select(kind => Encoded(24, 20, kind, jpeg)),
            Encoded(1, 1, SKColorType.Rgba8888, jpeg),
        ];
        return new()
        {
            Name = jpeg ? "jpeg" : "png",
            Folder = folder,
            Weight = 4,
            Targets = [new(path, jpeg ? PictureDamage.Jpeg : PictureDamage.Png, sound)],
            Read = () => ImageDecoder.Decode(File.ReadAllBytes(path), path, canvas =>
            {
                if ((long)canvas.Height * canvas.Width > MostPixels)
                    throw new InvalidDataException($"{path} is too large.");
            }),
        };
    }

    static byte[] Encoded(int width, int height, SKColorType kind, bool jpeg)
    {
        using var noise = new SKBitmap(new SKImageInfo(
            width, height, kind, kind == SKColorType.Gray8 ? SKAlphaType.Opaque : SKAlphaType.Unpremul));
        new Random(1).NextBytes(noise.GetPixelSpan());
        using var encoded = noise.Encode(jpeg ? SKEncodedImageFormat.Jpeg : SKEncodedImageFormat.Png, 80);
        return encoded.ToArray();
    }

    /// <summary>Pictures sorted into folders in an archive.</summary>
    public static Reader Archive(string folder, string ending)
    {
        var path = Path.Combine(folder, "set" + ending);
        var plain = Tar();
        Func<byte[], byte[]> packed = ending switch
        {
            ".tar.gz" => TarDamage.Gzip,
            ".tar.zst" => bytes => TarDamage.Zstandard(bytes),
            _ => bytes => bytes,
        };
        Func<byte[], byte[]> unpacked = ending switch
        {
            ".tar.gz" => TarDamage.Gunzip,
            ".tar.zst" => TarDamage.Unzstandard,
            _ => bytes => bytes,
        };
        return new()
        {
            Name = ending[1..],
            Folder = folder,
            Read = () => new ImageFolderOptions { Path = path, MemoryLimit = Budget, MaxPixels = MostPixels }.Open(),
            Targets = [new(path, Damage, packed(plain))],
        };

        byte[] Damage(byte[] whole, Random random) => ending == ".tar.zst" && random.Next(4) == 0
            ? TarDamage.Frame(whole, random)
            : packed(TarDamage.Change(unpacked(whole), random));
    }

    static byte[] Tar()
    {
        using var made = new MemoryStream();
        using (var tar = new TarWriter(made, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (var name in (string[])
            [
                "train/cat/1", "train/cat/2", "train/dog/1", "train/dog/2", "test/cat/1", "test/dog/1",
            ])
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name + ".png")
                {
                    DataStream = new MemoryStream(Encoded(6, 4, SKColorType.Rgba8888, jpeg: false)),
                });
            tar.WriteEntry(new GnuTarEntry(TarEntryType.RegularFile, "train/dog/" + new string('x', 120) + ".png")
            {
                DataStream = new MemoryStream(Encoded(6, 4, SKColorType.Rgba8888, jpeg: false)),
            });
        }
        return made.ToArray();
    }

    public static Reader Table(string folder, bool tabs)
    {
        var path = Path.Combine(folder, tabs ? "t.tsv" : "t.csv");
        var text = "x,y,kind\n1,2,a\n3,4,b\n5,6,\"a\"\n7,8.5e1,b\n2,3,a\n9,1,b\n";
        var sound = tabs ? text.Replace(',', '\t').Replace("\"", "", StringComparison.Ordinal) : text;
        return new()
        {
            Name = tabs ? "tsv" : "csv",
            Folder = folder,
            Targets = [new(path, PlainDamage.Table, Encoding.UTF8.GetBytes(sound))],
            Read = () =>
            {
                if (tabs)
                    new TsvOptions { Path = path, MemoryLimit = Budget }.Open();
                else
                    new CsvOptions { Path = path, MemoryLimit = Budget }.Open();
            },
        };
    }

    /// <summary>
    /// Pictures, or texts, or numbers: as the publishers' tools write them and as the library
    /// does, packed in several ways.
    /// </summary>
    public static Reader Parquet(string folder, string kind)
    {
        var path = Path.Combine(folder, "x.parquet");
        CompressionMethod[] ways =
        [
            CompressionMethod.Snappy, CompressionMethod.None, CompressionMethod.Gzip, CompressionMethod.Zstd,
        ];
        byte[][] sound = kind switch
        {
            "numbers" => [.. ways.Select(way => Numbers(way).GetAwaiter().GetResult())],
            "pictures" => [Pictures().GetAwaiter().GetResult(), Samples.Golden("Data/mnist-64.parquet")],
            _ => [Samples.Golden("Data/trec-test.parquet")],
        };
        return new()
        {
            Name = "parquet-" + kind, Folder = folder, Weight = 4, Targets = [new(path, ParquetDamage.Change, sound)],
            Read = () =>
            {
                if (kind == "texts") new Retort.Data.Text.TextOptions { Path = path, MemoryLimit = Budget }.Open();
                else new Retort.Data.Parquet.ParquetOptions
                {
                    Path = path,
                    MemoryLimit = Budget,
                    MaxPixels = MostPixels,
                }.Open();
            },
        };
    }

    static async Task<byte[]> Numbers(CompressionMethod way)
    {
        var (x, tens, kind) = (new DataField<double>("x"), new DataField<int?>("tens"), new DataField<string>("label"));
        using var made = new MemoryStream();
        await using (var writer = await ParquetWriter.CreateAsync(
            new ParquetSchema(x, tens, kind), made, new global::Parquet.ParquetOptions { CompressionMethod = way }))
            for (var group = 0; group < 2; group++)
            {
                using var rows = writer.CreateRowGroup();
                await rows.WriteAsync<double>(x, Enumerable.Range(0, 12).Select(i => i * 0.5).ToArray().AsMemory());
                await rows.WriteAsync<int>(
                    tens, Enumerable.Range(0, 12).Select(i => (int?)(10 * i)).ToArray().AsMemory());
                await rows.WriteAsync(kind, Enumerable.Range(0, 12).Select(i => i % 2 == 0 ? "even" : "odd").ToArray());
            }
        return made.ToArray();
    }

    static async Task<byte[]> Pictures()
    {
        var (image, label) = (new DataField<byte[]>("image"), new DataField<long>("label"));
        using var made = new MemoryStream();
        await using (var writer = await ParquetWriter.CreateAsync(new ParquetSchema(image, label), made))
        {
            writer.CustomMetadata = new Dictionary<string, string>
            {
                ["huggingface"] = """{"info":{"features":{"label":{"_type":"ClassLabel","names":["cat","dog"]}}}}""",
            };
            using var rows = writer.CreateRowGroup();
            await rows.WriteAsync(
                image, Enumerable.Range(0, 12).Select(_ => Encoded(6, 4, SKColorType.Rgba8888, jpeg: false)).ToList());
            await rows.WriteAsync<long>(label, Enumerable.Range(0, 12).Select(i => (long)(i % 2)).ToArray().AsMemory());
        }
        return made.ToArray();
    }
}
