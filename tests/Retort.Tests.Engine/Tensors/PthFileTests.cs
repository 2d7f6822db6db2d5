using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Retort.Runs;
using Retort.Tensors.Files;
using Retort.Tests.Contract;
using Retort.Tests.House;
using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Tests.Tensors;

/// <summary>State files that PyTorch wrote (tools/golden/pth.py), and such as it never would.</summary>
public sealed class PthFileTests
{
    static readonly JsonNode Golden = JsonNode.Parse(File.ReadAllText(At("pth.json")))!;

    public static TheoryData<string> Files => [.. Golden["files"]!.AsObject().Select(pair => pair.Key)];

    [Theory, MemberData(nameof(Files))]
    public void Every_dress_gives_the_names_types_shapes_and_numbers_that_PyTorch_reads(string file)
    {
        using var scope = NewDisposeScope();
        Same((string)Golden["files"]![file]!, PthFile.Read(At(file + ".pth")));
    }

    [Fact]
    public void Of_several_mappings_the_one_is_read_that_is_named()
    {
        using var scope = NewDisposeScope();
        var file = At("two.pth");
        Assert.Equal($"{file} holds 2 mappings of names to tensors, under 'model', 'ema.shadow': say with \"key\" which is meant.", Refused(file).Message);
        Same("small", PthFile.Read(file, key: "model"));
        Same("shadow", PthFile.Read(file, key: "ema.shadow"));
        Assert.Equal($"{file} has no mapping of names to tensors under 'state_dict'; it has 'model', 'ema.shadow'.",
            Assert.Throws<InvalidDataException>(() => PthFile.Read(file, key: "state_dict")).Message);
    }

    [Fact] // whole, window, transposed and steps show one storage of 24 numbers, tied.a and tied.b another
    public void Tensors_that_share_numbers_in_the_file_share_them_here_and_all_are_freed()
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (NewDisposeScope())
        {
            var read = PthFile.Read(At("views.pth"));
            Assert.Equal(before + 7, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
            using (no_grad())
            {
                read["whole"].zero_();
                read["tied.a"].fill_(9f);
            }
            Assert.Equal(0, read["window"].sum().ToDouble() + read["transposed"].sum().ToDouble() + read["steps"].sum().ToDouble());
            Assert.Equal(18, read["tied.b"].sum().ToDouble());
        }
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Theory]
    [InlineData("none.pth", " holds no mapping of names to tensors, such as a network's state_dict(); its top is a table of 'epoch', 'loss'.")]
    [InlineData("whole.pth", " asks for torch.nn.modules.linear.Linear, which is refused: of a .pth file Retort reads tensors and plain values, and runs nothing. "
        + "If the file is from a trusted source, load it in PyTorch and save the network's state_dict() alone.")]
    [InlineData("script.pth", " is a TorchScript program, not a file of weights: those are safetensors and what torch.save writes of a network's state_dict(); a program is run by the teacher \"script\" alone.")]
    public void What_is_no_state_is_refused_with_what_to_do(string file, string sentence) => Assert.Equal(At(file) + sentence, Refused(At(file)).Message);

    [Fact]
    public void A_file_that_asks_for_code_is_refused_by_name_and_nothing_is_run()
    {
        var file = Repository.At("tests/Golden/Interop/hostile.pth");
        Assert.StartsWith($"{file} asks for __builtin__.eval, which is refused: ", Refused(file).Message, StringComparison.Ordinal);
        Assert.False(File.Exists("retort-evil-ran"));
    }

    [Fact] // 4 bytes of each of 4 types, 2 of 2, 8 of 3 …: the numbers that types.pth holds
    public void A_budget_is_kept_before_anything_is_read()
    {
        const long Bytes = 6 * (2 + 2 + 4 + 8) + 3 * (1 + 2 + 4 + 8) + 3 + 3 + 8;
        using var scope = NewDisposeScope();
        Assert.Equal(12, PthFile.Read(At("types.pth"), Bytes).Count);
        Assert.Equal($"{At("types.pth")} exceeds what may be read: its tensors take {Bytes} bytes; {Bytes - 1} are allowed.",
            Assert.Throws<InvalidDataException>(() => PthFile.Read(At("types.pth"), Bytes - 1)).Message);
    }

    [Theory] // a window of SIZE numbers from OFFSET in steps of STEP on a storage that says COUNT and has 4
    [InlineData(4, 0, 4, 1, null)]
    [InlineData(5, 0, 4, 1, "storage 0 of 5 Float32 has 16 bytes where 20 were expected.")]
    [InlineData(4, 1, 4, 1, "a tensor of shape [4] with steps [1] does not lie within the 4 numbers of storage 0.")]
    [InlineData(4, 0, 3, 2, "a tensor of shape [3] with steps [2] does not lie within the 4 numbers of storage 0.")]
    [InlineData(4, 0, 2_000_000_000, 0, "a tensor of shape [2000000000] with steps [0] does not lie within the 4 numbers of storage 0.")]
    [InlineData(4, 0, -1, 1, "a tensor in it has a size or step that is not a whole number of at least 0.")]
    [InlineData(-4, 0, 4, 1, "storage 0 would have -4 numbers.")]
    public void A_tensor_lies_within_its_storage_and_shows_no_number_twice(int count, int offset, int size, int step, string? sentence)
    {
        using var scope = NewDisposeScope();
        var file = Made(("x/data.pkl", Table(Window("0", count, offset, size, step))), ("x/data/0", new byte[16]));
        if (sentence is null) Assert.Equal([4L], PthFile.Read(file)["w0"].shape);
        else Assert.Equal($"{file} is not a sound PyTorch state file: {sentence}", Refused(file).Message);
    }

    [Fact] // four storages of 4,000 bytes each, all of them the same 4,000 bytes of the file
    public void Storages_that_lie_on_one_another_are_refused()
    {
        string[] keys = ["0", "1", "2", "3"];
        var file = Made([("x/data.pkl", Table([.. keys.SelectMany(key => Window(key, 1000, 0, 1000, 1))])),
            .. keys.Select(key => ("x/data/" + key, key == "0" ? new byte[4000] : []))]);
        var bytes = File.ReadAllBytes(file);
        var first = Entry(bytes, "0");
        foreach (var key in keys.Skip(1))
        {
            bytes.AsSpan(first + 16, 12).CopyTo(bytes.AsSpan(Entry(bytes, key) + 16));       // checksum and sizes
            bytes.AsSpan(first + 42, 4).CopyTo(bytes.AsSpan(Entry(bytes, key) + 42));        // place
        }
        File.WriteAllBytes(file, bytes);
        Assert.Equal($"{file} is not a sound PyTorch state file: its storages would have 16000 bytes, more than the file's {bytes.Length}.", Refused(file).Message);

        static int Entry(byte[] zip, string key) => zip.AsSpan().LastIndexOf(System.Text.Encoding.ASCII.GetBytes("x/data/" + key)) - 46;
    }

    [Fact] // {"a\n": None}
    public void A_name_with_a_line_end_does_not_break_the_sentence() => Assert.EndsWith("its top is a table of 'a\\u000a'.",
        Refused(Made(("x/data.pkl", [0x80, 2, .. "}X\u0002\0\0\0a\nNs."u8]), ("x/data/0", new byte[16]))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_compressed_part_is_refused_before_it_is_unpacked()
    {
        var file = Path.Combine(Few.Folder(), "bomb.pth");
        using (var zip = new ZipArchive(File.Create(file), ZipArchiveMode.Create))
        using (var part = zip.CreateEntry("x/data.pkl", CompressionLevel.SmallestSize).Open())
            part.Write(new byte[10_000_000]);
        Assert.Equal($"{file} is not a sound PyTorch state file: its part 'x/data.pkl' is compressed, as PyTorch never writes one: unpack and save it again.", Refused(file).Message);
    }

    [Theory]
    [InlineData("pairs")]       // one list of 100,000 pairs, and 100,000 tables made of it
    [InlineData("wrappers")]    // a name that is "module." a hundred thousand times
    [InlineData("shared")]      // a table of 100,000 names under 100,000 names
    [InlineData("axes")]        // 100,000 tensors of one shape with 100,000 axes
    [InlineData("deep")]        // lists in lists
    [InlineData("many")]        // two million instructions
    public void A_pickle_made_to_exhaust_its_reader_ends_soon_and_within_the_budget(string kind)
    {
        const int Many = 100_000;
        byte[] pickle = kind switch
        {
            "pairs" => [.. Global("collections", "OrderedDict"), .. "q\0]("u8, .. "NN"u8, 0x86, .. "q\u0001"u8, .. Repeated("h\u0001"u8, Many), (byte)'e', 0x85, .. "q\u0002"u8,
                .. Repeated("h\0h\u0002R0"u8, Many), .. "N."u8],
            "wrappers" => [.. "}X"u8, .. Length(7 * Many), .. Repeated("module."u8, Many), .. Window("0", 4, 0, 4, 1).AsSpan(7), .. "."u8],
            "shared" => [.. "}q\0("u8, .. Numbered(Many), .. "u0}("u8, .. Repeated("X\u0001\0\0\0ah\0"u8, Many), .. "u."u8],
            "axes" => [.. "(("u8, .. Repeated("K\u0001"u8, Many), .. "tq\u0001t0("u8, .. Repeated(Axes(), 1000), .. "t."u8],
            "deep" => [.. Repeated("]"u8, Many), .. Repeated("a"u8, Many - 1), (byte)'.'],
            _ => [.. Repeated("N0"u8, 1_000_001), .. "N."u8],
        };
        var file = Made(("x/data.pkl", [0x80, 2, .. pickle]), ("x/data/0", new byte[16]));
        var (before, clock) = (GC.GetTotalAllocatedBytes(), System.Diagnostics.Stopwatch.StartNew());
        using (NewDisposeScope())
            if (kind == "wrappers") Assert.Single(PthFile.Read(file));
            else Assert.Throws<InvalidDataException>(() => PthFile.Read(file));
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 5);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, PthFile.OverheadBytes);

        static byte[] Axes() => [.. Global("torch._utils", "_rebuild_tensor_v2"), (byte)'(', .. Storage("0", 4), .. "K\0h\u0001h\u0001tR"u8];
        static byte[] Numbered(int count) => [.. Enumerable.Range(0, count).SelectMany(i => (byte[])[(byte)'X', .. Length(1), (byte)'b', (byte)'N'])];
    }

    static InvalidDataException Refused(string file)
    {
        using var scope = NewDisposeScope();
        return Assert.Throws<InvalidDataException>(() => PthFile.Read(file));
    }

    static void Same(string content, Dictionary<string, Tensor> read)
    {
        var expected = Golden["contents"]![content]!.AsObject();
        Assert.Equal(expected.Select(pair => pair.Key).Order(StringComparer.Ordinal), read.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, tensor) in read)
        {
            var one = expected[name]!;
            Assert.Equal(((string)one["type"]!).Replace("uint8", "byte", StringComparison.Ordinal), tensor.dtype.ToString().ToLowerInvariant());
            Assert.Equal(one["shape"]!.AsArray().Select(size => (long)size!), tensor.shape);
            Assert.Equal(one["values"]!.AsArray().Select(value => (double)value!), MemoryMarshal.Cast<byte, double>(tensor.to(ScalarType.Float64).contiguous().bytes).ToArray());
        }
    }

    static byte[] Table(byte[] items) => [0x80, 2, (byte)'}', .. items, (byte)'.'];

    /// <summary>Under the name w and its key, a window on a storage of float32.</summary>
    static byte[] Window(string key, int count, int offset, int size, int step) =>
    [
        .. "X\u0002\0\0\0w"u8, (byte)key[0], .. Global("torch._utils", "_rebuild_tensor_v2"), (byte)'(', .. Storage(key, count),
        .. Whole(offset), (byte)'(', .. Whole(size), .. "t("u8, .. Whole(step), (byte)'t', 0x89, .. "}tRs"u8,
    ];

    static byte[] Storage(string key, int count) =>
        [.. "(X\u0007\0\0\0storage"u8, .. Global("torch", "FloatStorage"), .. "X\u0001\0\0\0"u8, (byte)key[0], .. "X\u0003\0\0\0cpu"u8, .. Whole(count), .. "tQ"u8];

    static byte[] Global(string module, string name) => System.Text.Encoding.ASCII.GetBytes($"c{module}\n{name}\n");

    static byte[] Whole(int value) => [(byte)'J', .. Length(value)];

    static byte[] Length(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }

    static byte[] Repeated(ReadOnlySpan<byte> piece, int times)
    {
        var bytes = new byte[piece.Length * times];
        for (var i = 0; i < times; i++) piece.CopyTo(bytes.AsSpan(i * piece.Length));
        return bytes;
    }

    /// <summary>A zip file whose parts are stored.</summary>
    static string Made(params (string Name, byte[] Content)[] parts)
    {
        var path = Path.Combine(Few.Folder(), "made.pth");
        using var zip = new ZipArchive(File.Create(path), ZipArchiveMode.Create);
        foreach (var (name, content) in parts)
        {
            using var stream = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
            stream.Write(content);
        }
        return path;
    }

    static string At(string file) => Repository.At("tests/Golden/Pth/" + file);
}
