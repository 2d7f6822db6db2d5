using Parquet;
using Parquet.Schema;
using Retort.Data;
using Retort.Data.Parquet;
using Retort.Tests.House;
using SkiaSharp;
using ParquetOptions = Retort.Data.Parquet.ParquetOptions;

namespace Retort.Tests.Data;

public sealed class ParquetTests
{
    static string Golden(string name) => Repository.At($"tests/Golden/Data/{name}");

    [Fact]
    public void Pictures_are_read_from_their_bytes()
    {
        var data = new ParquetOptions { Path = Golden("mnist-64.parquet") }.Open();
        Assert.Equal((1L, 28L, 28L), data.Info.ImageShape);
        Assert.Equal(64, data.Training.Count + data.Validation.Count + data.Test.Count);
        Assert.Equal(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"], data.Info.Classes);
        Assert.InRange(data.Info.Normalization!.Mean[0], 0.10, 0.16);                   // MNIST's is .1307
    }

    [Fact] // TREC's test part: 500 questions, of classes 0 to 5 (abbreviation, entity, description, human, location, number)
    public void Texts_are_read_for_programs_and_refused_as_training_data()
    {
        var texts = new ParquetOptions { Path = Golden("trec-test.parquet") }.ReadTexts();
        Assert.Equal((500, 500, 6, 0, 0), (texts.Texts.Count, texts.Labels.Count, texts.Classes.Count, texts.OwnValidation, texts.OwnTest));
        Assert.Contains("Why is the sun yellow ?", texts.Texts);
        Assert.Equal(500, Enumerable.Range(0, 6).Sum(k => texts.Labels.Count(label => label == k)));
        Assert.Contains("has no column of pictures or numbers beside its labels; it has text (text), label (int64). Networks of this version take no texts",
            Refusal(new() { Path = Golden("trec-test.parquet") }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_of_a_folder_belong_to_the_part_they_are_named_after()
    {
        var folder = Directory.CreateTempSubdirectory("retort-parquet-").FullName;
        await Write(Path.Combine(folder, "data", "train-00000-of-00002.parquet"), Table(0, 1), Table(2, 3));    // two row groups
        await Write(Path.Combine(folder, "data", "train-00001-of-00002.parquet"), Table(4, 5));
        await Write(Path.Combine(folder, "validation", "0000.parquet"), Table(6));
        await Write(Path.Combine(folder, "data", "test-00000-of-00001.parquet"), Table(7, 8));
        var data = new ParquetOptions { Path = folder, Label = "kind" }.Open();
        Assert.Equal((6, 1, 2), (data.Training.Count, data.Validation.Count, data.Test.Count));
        Assert.Equal(["even", "odd"], data.Info.Classes);
        Assert.Equal([2], data.Info.Input("features")!.Shape);
        Assert.Equal(2.5, data.Info.Normalization!.Mean[0], tolerance: 1e-6);                                    // (0 + … + 5) / 6
        Assert.Equal(25, data.Info.Normalization!.Mean[1], tolerance: 1e-6);                                     // the same × 10
        var prepared = new HostBatch();
        data.Test.Load([0, 1], View.Plain, prepared);
        Assert.Equal([1L, 0L], prepared.Labels.ToArray());
    }

    [Fact]
    public async Task A_folder_without_a_training_file_says_what_it_has()
    {
        var folder = Directory.CreateTempSubdirectory("retort-parquet-").FullName;
        Assert.Contains("holds no .parquet file that is like \"train*\" or lies in such a folder; it has none at all", Refusal(new() { Path = folder }), StringComparison.Ordinal);
        await Write(Path.Combine(folder, "rows.parquet"), Table(1));
        Assert.Contains("it has rows.parquet", Refusal(new() { Path = folder }), StringComparison.Ordinal);
        Assert.Contains("is like several of the patterns", Refusal(new() { Path = folder, TrainingFiles = "rows*", TestFiles = "r*" }), StringComparison.Ordinal);
        Assert.Contains("is not there", Refusal(new() { Path = Path.Combine(folder, "x.parquet") }), StringComparison.Ordinal);
    }

    [Fact] // x is below 10, y above 100; the second file has them the other way round
    public async Task Columns_of_numbers_are_told_by_their_names_in_every_file()
    {
        var folder = Directory.CreateTempSubdirectory("retort-parquet-").FullName;
        await Numbers("train-0.parquet", ("x", [1, 2, 3]), ("y", [101, 102, 103]), ("label", [0, 1, 0]));
        await Numbers("test-0.parquet", ("y", [104, 105]), ("label", [0, 1]), ("x", [4, 5]));
        var data = new ParquetOptions { Path = folder, Validation = 1, Normalization = new(1, [0, 0], [1, 1]) }.Open();
        var prepared = new HostBatch();
        data.Test.Load([0, 1], View.Plain, prepared);
        Assert.Equal([4, 104, 5, 105], prepared.Float32("features", [2]).ToArray());
        await Numbers("test-0.parquet", ("x", [4, 5]), ("label", [0, 1]));
        Assert.EndsWith("test-0.parquet lacks the column of numbers \"y\", unlike the files before it; it has x (double), label (double).", Refusal(new() { Path = folder }), StringComparison.Ordinal);
        await Numbers("test-0.parquet", ("x", [4, 5]), ("y", [104, 105]), ("z", [0, 0]), ("label", [0, 1]));
        Assert.Contains("test-0.parquet has the column of numbers \"z\", unlike the files before it", Refusal(new() { Path = folder }), StringComparison.Ordinal);

        async Task Numbers(string name, params (string Name, double[] Values)[] columns)
        {
            var fields = columns.Select(column => new DataField<double>(column.Name)).ToArray();
            await using var file = File.Create(Path.Combine(folder, name));
            await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(fields), file, cancellationToken: TestContext.Current.CancellationToken);
            using var rows = writer.CreateRowGroup();
            for (var i = 0; i < fields.Length; i++) await rows.WriteAsync<double>(fields[i], columns[i].Values.AsMemory(), cancellationToken: TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Names_of_classes_come_from_the_metadata()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("retort-parquet-").FullName, "pets.parquet");
        await Pets(path, """{"info": {"features": {"image": {"_type": "Image"}, "pet": {"_type": "ClassLabel", "names": ["cat", "dog"]}}}}""");
        var data = new ParquetOptions { Path = path, Test = 1, Validation = 1 }.Open();
        Assert.Equal(["cat", "dog"], data.Info.Classes);
        Assert.Equal((3L, 4L, 6L), data.Info.ImageShape);
        await Pets(path, """{"info": {"features": {"pet": {"names": ["cat"]}}}}""");
        Assert.Contains("has an example of class 1; the classes are 0", Refusal(new() { Path = path }), StringComparison.Ordinal);
        await Pets(path, """{"info": {"features": {"pet": {"names": ["cat", "dog", "newt"]}}}}""");
        Assert.Contains("has no training example of class \"newt\"", Refusal(new() { Path = path }), StringComparison.Ordinal);
        await Pets(path, "{");
        Assert.StartsWith($"{path}, its metadata: it is damaged", Refusal(new() { Path = path }), StringComparison.Ordinal);
        await Pets(path, null);
        Assert.Contains("has no column \"label\" with numbers or names of classes; it has", Refusal(new() { Path = path }), StringComparison.Ordinal);
        Assert.Contains("must have one column of bytes for pictures called \"photo\"", Refusal(new() { Path = path, Image = "photo", Label = "pet" }), StringComparison.Ordinal);
        Assert.Contains("is 4 × 6; the option \"maxPixels\" allows 23 pixels", Refusal(new() { Path = path, Label = "pet", MaxPixels = 23 }), StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_file_promises_is_held_against_the_budget_first()
    {
        var bytes = File.ReadAllBytes(Golden("mnist-64.parquet"));
        var path = Path.Combine(Directory.CreateTempSubdirectory("retort-parquet-").FullName, "x.parquet");
        Says("too few for a Parquet file", bytes[..11]);
        Says("begins and ends with PAR1", [.. bytes[..^1], 0]);
        Says("it is encrypted", [.. bytes[..^1], (byte)'E']);
        Says("its footer is said to have 4294967295 bytes", [.. bytes[..^8], 255, 255, 255, 255, .. bytes[^4..]]);
        Says("its footer: a length of 2147483647 where 0 bytes are left", [.. bytes[..4], 0x19, 0xfc, 255, 255, 255, 255, 7, 7, 0, 0, 0, .. bytes[^4..]]);

        void Says(string sentence, byte[] content)
        {
            File.WriteAllBytes(path, content);
            Assert.Contains(sentence, Refusal(new() { Path = path }), StringComparison.Ordinal);
        }
    }

    [Fact] // the library takes room for what Snappy's first number says, whatever the page's header said before
    public void What_a_packed_page_says_of_itself_is_what_its_header_says()
    {
        var bytes = File.ReadAllBytes(Golden("trec-test.parquet"));
        var page = 4 + ThriftTree.Read(bytes.AsSpan(4)).Length;
        var path = Path.Combine(Directory.CreateTempSubdirectory("retort-parquet-").FullName, "x.parquet");
        File.WriteAllBytes(path, [.. bytes[..page], 255, 255, 255, 255, 7, .. bytes[(page + 5)..]]);
        Assert.Contains("bytes unpacked, and says itself 2147483647", Refusal(new() { Path = path }), StringComparison.Ordinal);
    }

    [Fact] // it reads a field's value as the type that the format gives it, whatever type stands there
    public void Every_field_is_of_its_type()
    {
        Says("field 1 is not of the type that it must be", [0x18, 1, 65, 0]);                            // a text for the kind of page
        Says("field 1 is not of the type that it must be", [0x7c, 0x18, 1, 65, 0, 0]);                   // in the struct of field 7
        Says("field 9, which this version of the format does not have there", [0x98, 1, 65, 0]);
        Says("field 1 is there twice", [0x15, 0, 0x05, 2, 0, 0]);

        static void Says(string sentence, byte[] header) => Assert.Contains(sentence, Assert.Throws<InvalidDataException>(() =>
            ThriftForm.PageHeader.Check(ThriftTree.Read(header).Tree)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_struct_of_Thrift_is_read_or_refused_within_its_bytes()
    {
        // field 1 (delta 1, type 5): zigzag 6 = 3; field 3 (delta 2, type 8): 2 bytes "hi"; field 4: list of two structs; stop
        var (tree, length) = ThriftTree.Read([0x15, 6, 0x28, 2, (byte)'h', (byte)'i', 0x19, 0x2c, 0x15, 2, 0, 0x15, 4, 0, 0]);
        Assert.Equal((3, "hi", 15), ((int)tree.Number(1)!, tree.Text(3), length));
        Assert.Equal([1, 2], tree.List(4).Select(item => item.Number(1)!.Value));
        Assert.Throws<InvalidDataException>(() => ThriftTree.Read([0x28, 200, 1]));                     // a text of 200 bytes
        Assert.Throws<InvalidDataException>(() => ThriftTree.Read([0x19, 0xf8, 255, 255, 255, 255, 7])); // a list of 2³¹ texts
        Assert.Throws<InvalidDataException>(() => ThriftTree.Read([0x15, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255]));
        Assert.Throws<InvalidDataException>(() => ThriftTree.Read([.. Enumerable.Repeat((byte)0x1c, 5000)])); // structs in structs
        Assert.Throws<InvalidDataException>(() => ThriftTree.Read([]));
        // field 1: a list of 500 empty structs, a byte each: 501 values; of 400 no more than that are made
        byte[] bare = [0x19, 0xfc, 0xf4, 3, .. new byte[500], 0];
        Assert.Equal(500, ThriftTree.Read(bare).Tree.List(1).Count());
        Assert.Equal("it has more than 400 values", Assert.Throws<InvalidDataException>(() => ThriftTree.Read(bare, most: 400)).Message);
    }

    [Fact] // a footer of 100,000 empty structs would become 20 MB of tables
    public void A_footers_tree_is_held_against_the_budget()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("retort-parquet-").FullName, "x.parquet");
        byte[] footer = [0x19, 0xfc, 0xa0, 0x8d, 6, .. new byte[100_000], 0];
        File.WriteAllBytes(path, [.. "PAR1"u8, .. footer, .. BitConverter.GetBytes(footer.Length), .. "PAR1"u8]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal($"{path}: its footer: it has more than 5000 values.", Refusal(new() { Path = path, MemoryLimit = 1 }));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 3_000_000);
    }

    static string Refusal(ParquetOptions options)
    {
        var error = Assert.Throws<InvalidDataException>(options.Open);
        Assert.StartsWith(options.Path, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        return error.Message;
    }

    static (double[] X, int?[] Tens, string[] Kinds) Table(params int[] rows) =>
        ([.. rows.Select(i => (double)i)], [.. rows.Select(i => (int?)(10 * i))], [.. rows.Select(i => i % 2 == 0 ? "even" : "odd")]);

    static async Task Write(string path, params (double[] X, int?[] Tens, string[] Kinds)[] groups)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var (x, tens, kind) = (new DataField<double>("x"), new DataField<int?>("tens"), new DataField<string>("kind"));
        await using var file = File.Create(path);
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(x, tens, kind), file, cancellationToken: TestContext.Current.CancellationToken);
        foreach (var group in groups)
        {
            using var rows = writer.CreateRowGroup();
            await rows.WriteAsync<double>(x, group.X.AsMemory(), cancellationToken: TestContext.Current.CancellationToken);
            await rows.WriteAsync<int>(tens, group.Tens.AsMemory(), cancellationToken: TestContext.Current.CancellationToken);
            await rows.WriteAsync(kind, group.Kinds);
        }
    }

    /// <summary>Three cats and three dogs, 4 × 6.</summary>
    static async Task Pets(string path, string? metadata)
    {
        var (image, pet) = (new DataField<byte[]>("image"), new DataField<long>("pet"));
        await using var file = File.Create(path);
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(image, pet), file, cancellationToken: TestContext.Current.CancellationToken);
        if (metadata is not null) writer.CustomMetadata = new Dictionary<string, string> { ["huggingface"] = metadata };
        using var rows = writer.CreateRowGroup();
        await rows.WriteAsync(image, Enumerable.Range(0, 6).Select(i => Written.Picture(4, 6, i % 2 == 0 ? SKColors.Red : SKColors.Blue)).ToList());
        await rows.WriteAsync<long>(pet, new long[] { 0, 1, 0, 1, 0, 1 }.AsMemory(), cancellationToken: TestContext.Current.CancellationToken);
    }
}
