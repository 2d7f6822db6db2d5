using Parquet;
using Parquet.Schema;
using Retort.Contracts;
using Retort.Data;
using Retort.Data.Parquet;
using Retort.Data.Text;
using Retort.Tests.House;
using SkiaSharp;
using ParquetOptions = Retort.Data.Parquet.ParquetOptions;

namespace Retort.Tests.Data;

public sealed class ParquetTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    static string Golden(string name) => Repository.At($"tests/Golden/Data/{name}");

    [Fact]
    public void Images_are_read_from_their_bytes()
    {
        var data = new ParquetOptions { Path = Golden("mnist-64.parquet") }.Open();
        Assert.Equal((1L, 28L, 28L), data.Info.ImageShape);
        Assert.Equal(64, data.Training.Count + data.Validation.Count + data.Test.Count);
        Assert.Equal(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"], data.Info.Classes);
        Assert.InRange(data.Info.Normalization!.Mean[0], 0.10, 0.16);                   // MNIST's is .1307
    }

    // TREC's test questions: 500, of classes 0 to 5 (abbreviation, entity, description, human, location, number)
    [Fact]
    public void Texts_are_read_as_texts_alone()
    {
        var texts = (TextExamples)new TextOptions { Path = Golden("trec-test.parquet") }.Read();
        Assert.Equal((500, 6), (texts.Count, texts.Classes.Count));
        Assert.Contains("Why is the sun yellow ?", texts.Rows.Select(row => row.Text));
        Assert.EndsWith(
            "must have a column of images or numbers beside its labels; it has text (text), label (int64). "
                + "Texts are read by the data \"text\".",
            Refusal(new() { Path = Golden("trec-test.parquet") }),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_of_a_folder_belong_to_the_split_they_are_named_after()
    {
        var folder = NewFolder();
        var data = Path.Combine(folder, "data");
        await Write(Path.Combine(data, "train-00000-of-00002.parquet"), Table(0, 1), Table(2, 3));    // two row groups
        await Write(Path.Combine(data, "train-00001-of-00002.parquet"), Table(4, 5));
        await Write(Path.Combine(folder, "validation", "0000.parquet"), Table(6));
        await Write(Path.Combine(data, "test-00000-of-00001.parquet"), Table(7, 8));

        var read = new ParquetOptions { Path = folder, Label = "kind" }.Open();
        Assert.Equal((6, 1, 2), (read.Training.Count, read.Validation.Count, read.Test.Count));
        Assert.Equal(["even", "odd"], read.Info.Classes);
        Assert.Equal([2], read.Info.Input("features")!.Shape);
        Assert.Equal(2.5, read.Info.Normalization!.Mean[0], tolerance: 1e-6);         // (0 + … + 5) / 6
        Assert.Equal(25, read.Info.Normalization!.Mean[1], tolerance: 1e-6);          // the same × 10
        var batch = new HostBatch();
        read.Test.Load([0, 1], View.Plain, batch);
        Assert.Equal([1L, 0L], batch.Labels.ToArray());
    }

    [Fact]
    public async Task A_folder_without_a_training_file_lists_what_it_has()
    {
        var folder = NewFolder();
        Contains("whose name, or whose folder's name, matches \"train*\"; it has none", new() { Path = folder });
        await Write(Path.Combine(folder, "rows.parquet"), Table(1));
        Contains("it has rows.parquet", new() { Path = folder });
        Contains(
            "must match one of the patterns \"rows*\", \"val*\", \"r*\"; it matches several",
            new() { Path = folder, TrainingFiles = "rows*", TestFiles = "r*" });
        Contains("does not exist", new() { Path = Path.Combine(folder, "x.parquet") });
    }

    [Fact] // x is below 10, y above 100; the second file has them the other way round
    public async Task Columns_of_numbers_are_found_by_their_names_in_every_file()
    {
        var folder = NewFolder();
        await Numbers("train-0.parquet", ("x", [1, 2, 3]), ("y", [101, 102, 103]), ("label", [0, 1, 0]));
        await Numbers("test-0.parquet", ("y", [104, 105]), ("label", [0, 1]), ("x", [4, 5]));
        var options = new ParquetOptions { Path = folder, Validation = 1, Normalization = new(1, [0, 0], [1, 1]) };
        var batch = new HostBatch();
        options.Open().Test.Load([0, 1], View.Plain, batch);
        Assert.Equal([4, 104, 5, 105], batch.Float32("features", [2]).ToArray());

        await Numbers("test-0.parquet", ("x", [4, 5]), ("label", [0, 1]));
        Contains(
            "test-0.parquet lacks the column of numbers \"y\", unlike the files before it; "
                + "it has x (double), label (double).",
            new() { Path = folder });
        await Numbers("test-0.parquet", ("x", [4, 5]), ("y", [104, 105]), ("z", [0, 0]), ("label", [0, 1]));
        Contains(
            "test-0.parquet has the column of numbers \"z\", unlike the files before it", new() { Path = folder });

        async Task Numbers(string name, params (string Name, double[] Values)[] columns)
        {
            var fields = columns.Select(column => new DataField<double>(column.Name)).ToArray();
            await using var file = File.Create(Path.Combine(folder, name));
            await using var writer = await ParquetWriter.CreateAsync(
                new ParquetSchema(fields), file, cancellationToken: Token);
            using var rows = writer.CreateRowGroup();
            for (var i = 0; i < fields.Length; i++)
                await rows.WriteAsync<double>(fields[i], columns[i].Values.AsMemory(), cancellationToken: Token);
        }
    }

    [Fact]
    public async Task A_column_that_is_no_number_is_refused_or_ignored()
    {
        var path = Path.Combine(NewFolder(), "rows.parquet");
        var (x, city) = (new DataField<double>("x"), new DataField<string>("city"));
        var (list, label) = (new DataField<double[]>("embedding"), new DataField<long>("label"));
        await using (var file = File.Create(path))
        await using (var writer = await ParquetWriter.CreateAsync(
            new ParquetSchema(x, city, list, label), file, cancellationToken: Token))
        {
            using var rows = writer.CreateRowGroup();
            await rows.WriteAsync<double>(x, new double[] { 1, 2, 3, 4, 5, 6 }.AsMemory(), cancellationToken: Token);
            await rows.WriteAsync(city, (string[])["a", "b", "a", "b", "a", "b"]);
            int[] starts = [0, 0, 0, 0, 0, 0];
            await rows.WriteAsync<double>(
                list, new double[] { 1, 2, 3, 4, 5, 6 }.AsMemory(), starts, cancellationToken: Token);
            await rows.WriteAsync<long>(label, new long[] { 0, 1, 0, 1, 0, 1 }.AsMemory(), cancellationToken: Token);
        }
        Contains("a feature must be a number; the column city (text) holds none", new() { Path = path });
        Contains(
            "the column embedding (list) holds none in each row: the option \"ignoreColumns\" leaves it out.",
            new() { Path = path, IgnoreColumns = ["city"] });
        var data = new ParquetOptions { Path = path, IgnoreColumns = ["city", "embedding"] }.Open();
        Assert.Equal(["x"], data.Info.Columns);
    }

    [Fact]
    public async Task Names_of_classes_come_from_the_metadata()
    {
        var path = Path.Combine(NewFolder(), "pets.parquet");
        await Pets(
            path,
            """
            {"info": {"features": {
                "image": {"_type": "Image"},
                "pet": {"_type": "ClassLabel", "names": ["cat", "dog"]}}}}
            """);
        var data = new ParquetOptions { Path = path, Test = 1, Validation = 1 }.Open();
        Assert.Equal(["cat", "dog"], data.Info.Classes);
        Assert.Equal((3L, 4L, 6L), data.Info.ImageShape);

        await Pets(path, """{"info": {"features": {"pet": {"names": ["cat"]}}}}""");
        Contains("has an example of class 1; the classes are 0", new() { Path = path });
        await Pets(path, """{"info": {"features": {"pet": {"names": ["cat", "dog", "newt"]}}}}""");
        Contains("has no training example of class \"newt\"", new() { Path = path });
        await Pets(path, "{");
        Contains($"{path}, its metadata: it is damaged", new() { Path = path });
        await Pets(path, null);
        Contains("has no column \"label\" with class indices or names; it has", new() { Path = path });
        Contains(
            "must have one column of bytes for images called \"photo\"",
            new() { Path = path, Image = "photo", Label = "pet" });
        Contains(
            "has 4 × 6 pixels; the option \"maxPixels\" allows 23",
            new() { Path = path, Label = "pet", MaxPixels = 23 });
    }

    [Fact] // of cat, dog, cat, dog, cat, dog the second is left out with its label
    public async Task An_unreadable_image_is_refused_or_left_out_with_its_label()
    {
        var path = Path.Combine(NewFolder(), "pets.parquet");
        await Pets(path, metadata: null, damaged: 1);
        var options = new ParquetOptions { Path = path, Label = "pet", Validation = 1, Test = 1 };
        Contains($"{path}, row 2 is no PNG, JPEG, WebP or BMP image (1 byte, beginning with 07). Repair", options);

        var data = (options with { SkipUnreadable = true }).Open();
        Assert.Equal(
            $"1 image cannot be read and was left out, as \"skipUnreadable\" says: {path}, row 2.",
            Assert.Single(data.Findings).Text);
        List<(long Label, bool IsRed)> read = [];
        foreach (var split in (IDataSplit[])[data.Training, data.Validation, data.Test])
        {
            var batch = new HostBatch();
            split.Load([.. Enumerable.Range(0, split.Count)], View.Plain, batch);
            for (var i = 0; i < split.Count; i++)
                read.Add((batch.Labels[i], ((IImageSource)split).Image(i).Bytes is [> 0, ..]));
        }
        Assert.Equal(5, read.Count);
        Assert.All(read, one => Assert.Equal(one.Label == 0, one.IsRed));
    }

    static void Contains(string sentence, ParquetOptions options) =>
        Assert.Contains(sentence, Refusal(options), StringComparison.Ordinal);

    static string Refusal(ParquetOptions options)
    {
        var error = Assert.Throws<InvalidDataException>(options.Open);
        Assert.StartsWith(options.Path, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        return error.Message;
    }

    static string NewFolder() => Directory.CreateTempSubdirectory("retort-parquet-").FullName;

    static (double[] X, int?[] Tens, string[] Kinds) Table(params int[] rows) =>
    (
        [.. rows.Select(i => (double)i)],
        [.. rows.Select(i => (int?)(10 * i))],
        [.. rows.Select(i => i % 2 == 0 ? "even" : "odd")]
    );

    static async Task Write(string path, params (double[] X, int?[] Tens, string[] Kinds)[] groups)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var (x, tens, kind) = (new DataField<double>("x"), new DataField<int?>("tens"), new DataField<string>("kind"));
        await using var file = File.Create(path);
        await using var writer = await ParquetWriter.CreateAsync(
            new ParquetSchema(x, tens, kind), file, cancellationToken: Token);
        foreach (var group in groups)
        {
            using var rows = writer.CreateRowGroup();
            await rows.WriteAsync<double>(x, group.X.AsMemory(), cancellationToken: Token);
            await rows.WriteAsync<int>(tens, group.Tens.AsMemory(), cancellationToken: Token);
            await rows.WriteAsync(kind, group.Kinds);
        }
    }

    /// <summary>Three cats and three dogs, 4 × 6.</summary>
    static async Task Pets(string path, string? metadata, int? damaged = null)
    {
        var (image, pet) = (new DataField<byte[]>("image"), new DataField<long>("pet"));
        await using var file = File.Create(path);
        await using var writer = await ParquetWriter.CreateAsync(
            new ParquetSchema(image, pet), file, cancellationToken: Token);
        if (metadata is not null) writer.CustomMetadata = new Dictionary<string, string> { ["huggingface"] = metadata };
        using var rows = writer.CreateRowGroup();
        var colors = Enumerable.Range(0, 6).Select(i => i % 2 == 0 ? SKColors.Red : SKColors.Blue);
        var images = colors.Select(color => DataFiles.Picture(4, 6, color)).ToList();
        if (damaged is { } row) images[row] = [7];
        await rows.WriteAsync(image, images);
        await rows.WriteAsync<long>(pet, new long[] { 0, 1, 0, 1, 0, 1 }.AsMemory(), cancellationToken: Token);
    }
}
