using System.Buffers.Binary;
using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Retort.Tensors.Files;
using static TorchSharp.torch;

namespace Retort.Tests.Tensors;

public sealed class SafeTensorsTests : IDisposable
{
    const string Sound = """{"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""";

    readonly string _folder = Directory.CreateTempSubdirectory("retort-safetensors-").FullName;

    string FilePath => Path.Combine(_folder, "x.safetensors");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Int64)]
    [InlineData(ScalarType.Int32)]
    [InlineData(ScalarType.Int16)]
    [InlineData(ScalarType.Int8)]
    [InlineData(ScalarType.Byte)]
    [InlineData(ScalarType.Bool)]
    public void Every_type_is_read_as_it_was_written(ScalarType type)
    {
        using var scope = NewDisposeScope();
        var written = new Dictionary<string, Tensor>
        {
            ["a"] = arange(6).reshape(2, 3).to(type),
            ["none"] = zeros([0, 4], dtype: type),
            ["one"] = ones([], dtype: type),
        };
        SafeTensors.Write(FilePath, written);
        var read = SafeTensors.Read(FilePath);
        Assert.Equal(written.Keys.Order(), read.Keys.Order());
        foreach (var (name, tensor) in written)
        {
            Assert.Equal(type, read[name].dtype);
            Assert.Equal(tensor.shape, read[name].shape);
            Assert.True(read[name].eq(tensor).all().ToBoolean());
        }
    }

    [Fact] // 65 axes of length 1: one element
    public void A_tensor_with_more_axes_than_libtorch_has_is_refused()
    {
        var shape = string.Join(',', Enumerable.Repeat(1, 65));
        Save("{\"a\\nb\":{\"dtype\":\"U8\",\"shape\":[" + shape + "],\"data_offsets\":[0,1]}}", [0]);
        var error = Assert.Throws<InvalidDataException>(() => SafeTensors.Read(FilePath));
        Assert.EndsWith("file: shape of tensor 'a\\u000ab' has more than 64 numbers, which is more than a tensor has "
            + "axes.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Metadata_is_read_as_it_was_written_and_equal_tensors_give_equal_bytes()
    {
        using var scope = NewDisposeScope();
        var (a, b) = (rand(3), rand(2, 2));
        SafeTensors.Write(
            FilePath, new Dictionary<string, Tensor> { ["a"] = a, ["b"] = b },
            new Dictionary<string, string> { ["x"] = "é \"1\"", ["format"] = "pt" });
        var first = File.ReadAllBytes(FilePath);
        SafeTensors.Write(
            FilePath, new Dictionary<string, Tensor> { ["b"] = b, ["a"] = a },
            new Dictionary<string, string> { ["format"] = "pt", ["x"] = "é \"1\"" });
        Assert.Equal(first, File.ReadAllBytes(FilePath));
        Assert.Equal(
            new Dictionary<string, string> { ["x"] = "é \"1\"", ["format"] = "pt" },
            SafeTensors.ReadAll(FilePath).Metadata);
    }

    [Fact] // channels-last has another order in memory; the file has the order of the shape
    public void A_channels_last_tensor_is_written_in_the_order_of_its_shape()
    {
        using var scope = NewDisposeScope();
        var x = arange(24, dtype: ScalarType.Float32).reshape(1, 2, 3, 4);
        SafeTensors.Write(FilePath, [new("x", x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2))]);
        Assert.Equal(x.data<float>().ToArray(), SafeTensors.Read(FilePath)["x"].data<float>().ToArray());
    }

    [Fact] // by hand, from the description of the format: length, header, little-endian values
    public void A_file_made_by_hand_is_read()
    {
        using var scope = NewDisposeScope();
        Save(Sound, [0, 0, 128, 63, 0, 0, 0, 192]);                         // 1, −2
        Assert.Equal([1, -2], SafeTensors.Read(FilePath)["t"].data<float>().ToArray());
    }

    /// <summary>Name of the case, header, bytes of data, part of the message.</summary>
    public static TheoryData<string, string, int, string> Damages() => new()
    {
        { "not json", "{\"t\":", 0, "its header cannot be read" },
        { "no object", "[1]", 0, "does not begin with '{'" },
        { "comment", "{/* */}", 0, "its header cannot be read" },
        {
            "name twice",
            """{"t":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"""
                + """ "t":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""",
            2, "its header cannot be read"
        },
        { "cut short", Sound, 7, "tensor 't' would end at byte 8 of 7; the file is cut short" },
        { "longer", Sound, 9, "1 bytes follow the last tensor" },
        {
            "gap", """{"t":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""", 2,
            "tensor 't' begins at byte 1, but the one before ends at 0"
        },
        {
            "overlap",
            """{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"""
                + """ "b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}""",
            3, "tensor 'b' begins at byte 1, but the one before ends at 2"
        },
        {
            "shape", """{"t":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8,
            "tensor 't' of type F32 and shape [3] does not fit its 8 bytes"
        },
        {
            "overflow", """{"t":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}""", 0,
            "does not fit its 0 bytes"
        },
        {
            "overflow before a zero",
            """{"t":{"dtype":"F32","shape":[4611686018427387904,4,0],"data_offsets":[0,0]}}""", 0,
            "does not fit its 0 bytes"
        },
        {
            "negative", """{"t":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}}""", 1,
            "shape of tensor 't' has -1"
        },
        {
            "fraction", """{"t":{"dtype":"U8","shape":[1.5],"data_offsets":[0,1]}}""", 1,
            "shape of tensor 't' has 1.5"
        },
        {
            "backwards", """{"t":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}}""", 1,
            "tensor 't' has data_offsets [1, 0]"
        },
        {
            "type", """{"t":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}}""", 4,
            "tensor 't' has type \"F31\"; known are F64, F32"
        },
        {
            "type missing", """{"t":{"shape":[1],"data_offsets":[0,4]}}""", 4,
            "tensor 't' lacks dtype, shape or data_offsets"
        },
        {
            "type no string", """{"t":{"dtype":7,"shape":[1],"data_offsets":[0,4]}}""", 4,
            "its header cannot be read"
        },
        {
            "unknown entry", """{"t":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"x":1}}""", 1,
            "tensor 't' has an unknown entry 'x'"
        },
        { "metadata", """{"__metadata__":{"a":1}}""", 0, "its header cannot be read" },
        { "tensor no object", """{"t":5}""", 0, "tensor 't' is not described by an object" },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public void A_damaged_file_is_refused_in_one_sentence(string name, string header, int bytes, string part)
    {
        Save(header, new byte[bytes]);
        var error = Assert.Throws<InvalidDataException>(() => SafeTensors.Read(FilePath));
        Assert.StartsWith($"{FilePath} is not a sound safetensors file: ", error.Message, StringComparison.Ordinal);
        Assert.True(error.Message.Contains(part, StringComparison.Ordinal), $"{name}: {error.Message}");
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void A_file_that_is_cut_anywhere_is_refused()
    {
        using var scope = NewDisposeScope();
        SafeTensors.Write(FilePath, [new("a", rand(5)), new("b", ones(3))]);
        var whole = File.ReadAllBytes(FilePath);
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(FilePath, whole[..length]);
            Assert.Throws<InvalidDataException>(() => SafeTensors.Read(FilePath));
        }
    }

    [Fact] // the first 8 bytes of another kind of file, read as a length
    public void The_length_is_checked_before_anything_is_allocated()
    {
        var bytes = new byte[64];
        bytes.AsSpan().Fill(0xff);
        File.WriteAllBytes(FilePath, bytes);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<InvalidDataException>(() => SafeTensors.Read(FilePath));
        Assert.Contains("18446744073709551615 bytes, but only 56 follow", error.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Fact]
    public void More_than_the_allowed_bytes_are_refused()
    {
        using var scope = NewDisposeScope();
        SafeTensors.Write(FilePath, [new("a", rand(1000))]);
        var error = Assert.Throws<InvalidDataException>(() => SafeTensors.Read(FilePath, maxBytes: 3999));
        Assert.EndsWith(
            "exceeds what may be read: its tensors take 4000 bytes; 3999 are allowed.", error.Message,
            StringComparison.Ordinal);
        Assert.Single(SafeTensors.Read(FilePath, maxBytes: 4000));
    }

    [Fact] // 64 MB of tensors: a second copy would show as that much managed memory
    public void Reading_goes_straight_into_the_tensors()
    {
        using var scope = NewDisposeScope();
        SafeTensors.Write(FilePath, [new("a", zeros(16_000_000))]);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        Assert.Single(SafeTensors.Read(FilePath));
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 1_000_000);
    }

    [Fact]
    public void A_failed_write_leaves_the_old_file_and_no_draft()
    {
        using var scope = NewDisposeScope();
        SafeTensors.Write(FilePath, [new("a", ones(1))]);
        var disposed = ones(1);
        disposed.Dispose();
        Assert.ThrowsAny<Exception>(() => SafeTensors.Write(FilePath, [new("a", ones(1)), new("b", disposed)]));
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(FilePath, file =>
        {
            file.Write(new byte[100_000]);
            throw new InvalidOperationException("in the middle");
        }));
        Assert.Equal([FilePath], Directory.GetFiles(_folder));
        Assert.Equal([1], SafeTensors.Read(FilePath)["a"].data<float>().ToArray());
    }

    [Fact]
    public void A_folder_of_the_same_name_is_reported_with_the_name()
    {
        Directory.CreateDirectory(FilePath);
        using var scope = NewDisposeScope();
        var error = Assert.Throws<FileWriteException>(() => SafeTensors.Write(FilePath, [new("a", ones(1))]));
        Assert.StartsWith($"{FilePath} cannot be written: ", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact] // 1 MB of disk, an old file of 400 kB, a new one of 800 kB
    public void A_full_disk_is_reported_and_the_old_file_stays()
    {
        var disk = Directory.CreateDirectory(Path.Combine(_folder, "disk")).FullName;
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk),
            "A 1 MB tmpfs cannot be mounted here: this needs Linux and root.");
        try
        {
            using var scope = NewDisposeScope();
            var file = Path.Combine(disk, "x.safetensors");
            SafeTensors.Write(file, [new("a", ones(100_000))]);
            var error = Assert.Throws<FileWriteException>(() => SafeTensors.Write(file, [new("a", zeros(200_000))]));
            Assert.Equal($"{file} cannot be written: the disk is full.", error.Message);
            Assert.Equal([file], Directory.GetFiles(disk));
            Assert.Equal(100_000, SafeTensors.Read(file)["a"].sum().ToDouble());
        }
        finally
        {
            Assert.True(Run("umount", disk));
        }
    }

    static bool Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        try
        {
            using var process = Process.Start(start)!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)                                              // no such program
        {
            return false;
        }
    }

    void Save(string header, byte[] data)
    {
        var text = Encoding.UTF8.GetBytes(header);
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, text.Length);
        File.WriteAllBytes(FilePath, [.. length, .. text, .. data]);
    }
}
