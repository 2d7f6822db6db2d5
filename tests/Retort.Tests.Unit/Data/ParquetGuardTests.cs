using Parquet;
using Parquet.Schema;
using Retort.Data.Parquet;
using Retort.Tests.House;
using ParquetOptions = Retort.Data.Parquet.ParquetOptions;

namespace Retort.Tests.Data;

/// <summary>Parquet files that state what they do not have.</summary>
public sealed class ParquetGuardTests
{
    readonly string _path = Path.Combine(Directory.CreateTempSubdirectory("retort-parquet-").FullName, "x.parquet");

    static CancellationToken Token => TestContext.Current.CancellationToken;

    static string Golden(string name) => Repository.At($"tests/Golden/Data/{name}");

    [Fact]
    public void What_a_file_states_is_checked_first()
    {
        var bytes = File.ReadAllBytes(Golden("mnist-64.parquet"));
        Refused("a Parquet file has at least 12 bytes; it has 11", bytes[..11]);
        Refused("begins and ends with PAR1", [.. bytes[..^1], 0]);
        Refused("it is encrypted", [.. bytes[..^1], (byte)'E']);
        Refused("its footer: it states 4294967295 bytes", [.. bytes[..^8], 255, 255, 255, 255, .. bytes[^4..]]);
        Refused(
            "a length of 2147483647 where 0 bytes are left",
            [.. bytes[..4], 0x29, 0xfc, 255, 255, 255, 255, 7, 7, 0, 0, 0, .. bytes[^4..]]);
    }

    [Fact] // Parquet.Net allocates what Snappy's header states, whatever the page's header states
    public void A_snappy_page_must_not_state_more_than_the_memory_limit()
    {
        var bytes = File.ReadAllBytes(Golden("trec-test.parquet"));
        using var stream = new MemoryStream(bytes) { Position = 4 };
        new ThriftReader(stream, bytes.Length).ReadStruct(ParquetFormat.PageHeader);
        var page = (int)stream.Position;
        Refused(
            "would bring the data to 2147.5 MB",
            [.. bytes[..page], 255, 255, 255, 255, 7, .. bytes[(page + 5)..]]);
    }

    [Fact] // Parquet.Net allocates what the frame's header states: 4 bytes of size for a content of 80,000 bytes
    public async Task A_zstandard_page_must_not_state_more_than_the_memory_limit()
    {
        var (x, label) = (new DataField<double>("x"), new DataField<int>("label"));
        var zstd = new global::Parquet.ParquetOptions { CompressionMethod = CompressionMethod.Zstd };
        await using (var file = File.Create(_path))
        await using (var writer = await ParquetWriter.CreateAsync(
            new ParquetSchema(x, label), file, zstd, cancellationToken: Token))
        {
            using var rows = writer.CreateRowGroup();
            var values = Enumerable.Range(0, 10_000).Select(i => (double)i).ToArray();
            await rows.WriteAsync<double>(x, values.AsMemory(), cancellationToken: Token);
            await rows.WriteAsync<int>(label, new int[10_000].AsMemory(), cancellationToken: Token);
        }

        var bytes = File.ReadAllBytes(_path);
        var frame = bytes.AsSpan().IndexOf((byte[])[0x28, 0xb5, 0x2f, 0xfd]);            // the magic number
        Assert.Equal(80_000, BitConverter.ToInt32(bytes, frame + 5));
        bytes[frame + 8] = 0x77;                                               // 0x77013880 = 1,996,568,704
        Refused("would bring the data to 1996.6 MB", bytes);
    }

    [Fact] // Parquet.Net reads a field as the type that the format gives it, whatever type the file has
    public void Every_field_is_of_its_type()
    {
        Says("field 1 must be of type 6; it is 8", [0x18, 1, 65, 0]);                    // a text for the kind of page
        Says("field 1 must be of type 6; it is 8", [0x7c, 0x18, 1, 65, 0, 0]);           // in the struct of field 7
        Says("field 9 is not in the format", [0x98, 1, 65, 0]);
        Says("field 1 is there twice", [0x15, 0, 0x05, 2, 0, 0]);

        static void Says(string sentence, byte[] header) => Assert.Equal(
            sentence,
            Assert.Throws<InvalidDataException>(() => Read(ParquetFormat.PageHeader, header)).Message);
    }

    [Fact]
    public void A_struct_of_Thrift_is_read_or_refused_within_its_bytes()
    {
        // field 1 (delta 1, type 5): zigzag 6 = 3; field 3 (delta 2, type 8): 2 bytes "hi";
        // field 4: list of two structs; stop
        var (integer, text) = (ThriftType.Integer, ThriftType.Bytes);
        var type = ThriftType.Struct(integer, null, text, ThriftType.List(ThriftType.Struct(integer)));
        var numbers = Read(type, [0x15, 6, 0x28, 2, (byte)'h', (byte)'i', 0x19, 0x2c, 0x15, 2, 0, 0x15, 4, 0, 0]);
        Assert.Equal(3, numbers[1]);
        Assert.Equal(2, numbers[401]);                                                   // of the last struct

        Refused(ThriftType.Struct(text), [0x18, 200, 1]);                                           // 200 bytes
        Refused(ThriftType.Struct(ThriftType.List(text)), [0x19, 0xf8, 255, 255, 255, 255, 7]);      // 2³¹ texts
        Refused(ThriftType.Struct(integer), [0x15, .. Enumerable.Repeat((byte)255, 11)]);
        Refused(type, []);

        static void Refused(ThriftType type, byte[] bytes) =>
            Assert.Throws<InvalidDataException>(() => Read(type, bytes));
    }

    [Fact] // a footer of 100,000 empty structs would become as many objects
    public void A_footers_values_are_limited()
    {
        byte[] footer = [0x29, 0xfc, 0xa0, 0x8d, 6, .. new byte[100_000], 0];
        byte[] bytes = [.. "PAR1"u8, .. footer, .. BitConverter.GetBytes(footer.Length), .. "PAR1"u8];
        var before = GC.GetAllocatedBytesForCurrentThread();
        Refused("it has more than 5000 values", bytes);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 3_000_000);
    }

    static Dictionary<long, long> Read(ThriftType type, byte[] bytes)
    {
        var reader = new ThriftReader(new MemoryStream(bytes), bytes.Length);
        reader.ReadStruct(type);
        return reader.Numbers;
    }

    void Refused(string sentence, byte[] content)
    {
        File.WriteAllBytes(_path, content);
        var options = new ParquetOptions { Path = _path, MemoryLimit = 1 };
        var message = Assert.Throws<InvalidDataException>(options.Open).Message;
        Assert.StartsWith(_path, message, StringComparison.Ordinal);
        Assert.Contains(sentence, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }
}
