using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using Retort.Tensors.Files;
using Retort.Tests.Contract;
using Retort.Tests.House;
using TorchSharp;
using static Retort.Tests.Tensors.PthMaker;
using static TorchSharp.torch;

namespace Retort.Tests.Tensors;

/// <summary>
/// State files written by PyTorch (<c>tools/golden/pth.py</c>), and files that PyTorch would never write.
/// </summary>
public sealed class PthFileTests
{
    static readonly JsonNode s_golden = JsonNode.Parse(File.ReadAllText(At("pth.json")))!;

    public static TheoryData<string> Files => [.. s_golden["files"]!.AsObject().Select(pair => pair.Key)];

    [Theory, MemberData(nameof(Files))]
    public void Names_types_shapes_and_values_are_those_that_PyTorch_reads(string file)
    {
        using var scope = NewDisposeScope();
        AssertEqual((string)s_golden["files"]![file]!, PthFile.Read(At(file + ".pth")));
    }

    [Fact]
    public void Of_several_mappings_the_named_one_is_read()
    {
        using var scope = NewDisposeScope();
        var file = At("two.pth");
        Assert.Equal(
            $"{file} holds 2 mappings of names to tensors, under 'model', 'ema.shadow': "
            + "say with \"key\" which is meant; where there is no such option, save that one alone with torch.save.",
            Refusal(file));
        AssertEqual("small", PthFile.Read(file, key: "model"));
        AssertEqual("shadow", PthFile.Read(file, key: "ema.shadow"));
        Assert.Equal(
            $"{file} has no mapping of names to tensors under 'state_dict'; it has 'model', 'ema.shadow'.",
            Assert.Throws<InvalidDataException>(() => PthFile.Read(file, key: "state_dict")).Message);
    }

    [Fact] // whole, window, transposed and steps are views of one storage of 24 elements, tied.a and tied.b of another
    public void Tensors_that_share_a_storage_in_the_file_share_it_here_and_all_are_freed()
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
            foreach (var name in (string[])["window", "transposed", "steps"])
                Assert.Equal(0, read[name].abs().sum().ToDouble());
            Assert.Equal(18, read["tied.b"].sum().ToDouble());
        }
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Theory]
    [InlineData(
        "none.pth",
        " holds no mapping of names to tensors, such as a network's state_dict(); "
        + "its top is a dict of 'epoch', 'loss'.")]
    [InlineData(
        "whole.pth",
        " asks for torch.nn.modules.linear.Linear, which is refused: of a .pth file Retort reads tensors and plain "
        + "values, and runs nothing. If the file is from a trusted source, load it in PyTorch and save the network's "
        + "state_dict() alone.")]
    [InlineData(
        "script.pth",
        " is a TorchScript program, not a file of weights: those are safetensors and what torch.save writes of a "
        + "network's state_dict(); a program is run by the teacher \"torchscript\" alone.")]
    public void A_file_without_state_dict_is_refused_with_what_to_do(string file, string sentence) =>
        Assert.Equal(At(file) + sentence, Refusal(At(file)));

    [Fact]
    public void A_file_that_asks_for_code_is_refused_by_name_and_nothing_is_run()
    {
        var file = Repository.At("tests/Golden/Interop/hostile.pth");
        Assert.StartsWith(
            $"{file} asks for __builtin__.eval, which is refused: ", Refusal(file), StringComparison.Ordinal);
        Assert.False(File.Exists("retort-evil-ran"));
    }

    [Fact] // 6 elements each of 2, 2, 4 and 8 bytes, 3 each of 1, 2, 4 and 8 bytes, 3, 3 and 8 bytes
    public void The_limit_is_checked_before_anything_is_read()
    {
        const long Bytes = 6 * (2 + 2 + 4 + 8) + 3 * (1 + 2 + 4 + 8) + 3 + 3 + 8;
        using var scope = NewDisposeScope();
        Assert.Equal(12, PthFile.Read(At("types.pth"), Bytes).Count);
        var error = Assert.Throws<InvalidDataException>(() => PthFile.Read(At("types.pth"), Bytes - 1));
        Assert.Equal(
            $"{At("types.pth")} exceeds what may be read: its tensors take {Bytes} bytes; {Bytes - 1} are allowed.",
            error.Message);
    }

    [Theory] // a view of SIZE elements from OFFSET with stride STRIDE, on a storage that claims COUNT and has 4
    [InlineData(4, 0, 4, 1, null)]
    [InlineData(5, 0, 4, 1, "storage 0 of 5 Float32 has 16 bytes where 20 were expected.")]
    [InlineData(
        4, 1, 4, 1, "a tensor of shape [4] with strides [1] does not lie within the 4 elements of storage 0.")]
    [InlineData(
        4, 0, 3, 2, "a tensor of shape [3] with strides [2] does not lie within the 4 elements of storage 0.")]
    [InlineData(
        4, 0, 2_000_000_000, 0,
        "a tensor of shape [2000000000] with strides [0] does not lie within the 4 elements of storage 0.")]
    [InlineData(4, 0, -1, 1, "a tensor in it has a size or stride that is not a whole number of at least 0.")]
    [InlineData(-4, 0, 4, 1, "storage 0 would have -4 elements.")]
    public void A_tensor_lies_within_its_storage_and_shows_no_element_twice(
        int count, int offset, int size, int stride, string? sentence)
    {
        using var scope = NewDisposeScope();
        var file = Zip(("x/data.pkl", Dict(View("0", count, offset, size, stride))), ("x/data/0", new byte[16]));
        if (sentence is null) Assert.Equal([4L], PthFile.Read(file)["w0"].shape);
        else Assert.Equal($"{file} is not a sound PyTorch state file: {sentence}", Refusal(file));
    }

    [Fact] // four storages of 4,000 bytes each, all of them the same 4,000 bytes of the file
    public void Storages_that_overlap_are_refused()
    {
        string[] keys = ["0", "1", "2", "3"];
        var file = Zip(
        [
            ("x/data.pkl", Dict([.. keys.SelectMany(key => View(key, 1000, 0, 1000, 1))])),
            .. keys.Select(key => ("x/data/" + key, key == "0" ? new byte[4000] : [])),
        ]);
        var bytes = File.ReadAllBytes(file);
        var first = DirectoryEntry(bytes, "0");
        foreach (var key in keys.Skip(1))
        {
            var entry = DirectoryEntry(bytes, key);
            bytes.AsSpan(first + 16, 12).CopyTo(bytes.AsSpan(entry + 16));              // checksum and sizes
            bytes.AsSpan(first + 42, 4).CopyTo(bytes.AsSpan(entry + 42));               // offset
        }
        File.WriteAllBytes(file, bytes);
        Assert.Equal(
            $"{file} is not a sound PyTorch state file: its storages would have 16000 bytes, "
            + $"more than the file's {bytes.Length}.", Refusal(file));

        static int DirectoryEntry(byte[] zip, string key) =>
            zip.AsSpan().LastIndexOf(Encoding.ASCII.GetBytes("x/data/" + key)) - 46;
    }

    [Fact] // {"a\n": None}
    public void A_name_with_a_line_end_stays_on_one_line()
    {
        var file = Zip(("x/data.pkl", [0x80, 2, .. "}X\u0002\0\0\0a\nNs."u8]), ("x/data/0", new byte[16]));
        Assert.EndsWith("its top is a dict of 'a\\u000a'.", Refusal(file), StringComparison.Ordinal);
    }

    [Fact]
    public void A_compressed_entry_is_refused_before_it_is_unpacked()
    {
        var file = CompressedZip("x/data.pkl", new byte[10_000_000]);
        Assert.Equal(
            $"{file} is not a sound PyTorch state file: its entry 'x/data.pkl' is compressed, "
            + "as PyTorch never writes one: unpack and save it again.", Refusal(file));
    }

    [Theory]
    [InlineData("pairs")]       // one list of 100,000 pairs, and 100,000 dicts made of it
    [InlineData("wrappers")]    // a name that is "module." a hundred thousand times
    [InlineData("shared")]      // a dict of 100,000 names under 100,000 names
    [InlineData("axes")]        // 100,000 tensors of one shape with 100,000 axes
    [InlineData("deep")]        // lists in lists
    [InlineData("many")]        // two million instructions
    public void A_pickle_made_to_exhaust_the_reader_ends_soon_and_within_its_limits(string kind)
    {
        const int Many = 100_000;
        byte[] pickle = kind switch
        {
            "pairs" =>
            [
                .. Global("collections", "OrderedDict"), .. "q\0]("u8, .. "NN"u8, 0x86, .. "q\u0001"u8,
                .. Repeat("h\u0001"u8, Many), (byte)'e', 0x85, .. "q\u0002"u8, .. Repeat("h\0h\u0002R0"u8, Many),
                .. "N."u8,
            ],
            "wrappers" =>
            [
                .. "}X"u8, .. Int32(7 * Many), .. Repeat("module."u8, Many), .. View("0", 4, 0, 4, 1).AsSpan(7),
                .. "."u8,
            ],
            "shared" =>
            [
                .. "}q\0("u8, .. SameNames(Many), .. "u0}("u8, .. Repeat("X\u0001\0\0\0ah\0"u8, Many), .. "u."u8,
            ],
            "axes" =>
            [
                .. "(("u8, .. Repeat("K\u0001"u8, Many), .. "tq\u0001t0("u8, .. Repeat(TensorOfManyAxes(), 1000),
                .. "t."u8,
            ],
            "deep" => [.. Repeat("]"u8, Many), .. Repeat("a"u8, Many - 1), (byte)'.'],
            _ => [.. Repeat("N0"u8, 1_000_001), .. "N."u8],
        };
        var file = Zip(("x/data.pkl", [0x80, 2, .. pickle]), ("x/data/0", new byte[16]));
        var before = GC.GetTotalAllocatedBytes();
        var clock = Stopwatch.StartNew();
        using (NewDisposeScope())
        {
            if (kind == "wrappers") Assert.Single(PthFile.Read(file));
            else Assert.Throws<InvalidDataException>(() => PthFile.Read(file));
        }
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 5);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, PthFile.OverheadBytes);

        static byte[] TensorOfManyAxes() =>
        [
            .. Global("torch._utils", "_rebuild_tensor_v2"), (byte)'(', .. Storage("0", 4), .. "K\0h\u0001h\u0001tR"u8,
        ];

        static byte[] SameNames(int count) => Repeat([(byte)'X', .. Int32(1), (byte)'b', (byte)'N'], count);
    }

    static string Refusal(string file)
    {
        using var scope = NewDisposeScope();
        return Assert.Throws<InvalidDataException>(() => PthFile.Read(file)).Message;
    }

    static void AssertEqual(string content, Dictionary<string, Tensor> read)
    {
        var expected = s_golden["contents"]![content]!.AsObject();
        Assert.Equal(
            expected.Select(pair => pair.Key).Order(StringComparer.Ordinal), read.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, tensor) in read)
        {
            var golden = expected[name]!;
            var type = ((string)golden["type"]!).Replace("uint8", "byte", StringComparison.Ordinal);
            Assert.Equal(type, tensor.dtype.ToString().ToLowerInvariant());
            Assert.Equal(golden["shape"]!.AsArray().Select(size => (long)size!), tensor.shape);
            var values = MemoryMarshal.Cast<byte, double>(tensor.to(ScalarType.Float64).contiguous().bytes);
            Assert.Equal(golden["values"]!.AsArray().Select(value => (double)value!), values.ToArray());
        }
    }

    static string At(string file) => Repository.At("tests/Golden/Pth/" + file);
}
