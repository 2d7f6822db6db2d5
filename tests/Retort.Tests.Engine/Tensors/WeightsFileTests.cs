using System.Globalization;
using Retort.Tensors.Files;
using Retort.Tests.Contract;
using static TorchSharp.torch;

namespace Retort.Tests.Tensors;

/// <summary>What a file of weights may differ in from the network that it is loaded into.</summary>
public sealed class WeightsFileTests
{
    static Dictionary<string, Tensor> Network() => new()
    {
        ["fc.weight"] = zeros(2, 3),
        ["fc.bias"] = zeros(2),
        ["bn.num_batches_tracked"] = zeros([], dtype: ScalarType.Int64),
    };

    static Dictionary<string, Tensor> Saved(string prefix = "") => new()
    {
        [prefix + "fc.weight"] = ones(2, 3),
        [prefix + "fc.bias"] = full([2], 5f),
        [prefix + "bn.num_batches_tracked"] = tensor(7L),
    };

    [Theory] // module.half() and its like convert the counters of batch normalization too
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void Every_entry_may_be_of_another_floating_point_type(ScalarType type)
    {
        using var scope = NewDisposeScope();
        var network = Network();
        var saved = Saved().ToDictionary(pair => pair.Key, pair => pair.Value.to(type));
        WeightsFile.LoadStateDict(network, saved, "x.pth");
        Assert.Equal(7, network["bn.num_batches_tracked"].ToInt64());
        Assert.Equal(ScalarType.Int64, network["bn.num_batches_tracked"].dtype);
        Assert.Equal([5f, 5f], network["fc.bias"].ToFloatArray());
    }

    [Theory]
    [InlineData(7.5f)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_counter_is_a_whole_number(float value)
    {
        using var scope = NewDisposeScope();
        var saved = Saved();
        saved["bn.num_batches_tracked"] = tensor(value);
        Assert.Equal(
            "x.pth does not fit the network: of another type: bn.num_batches_tracked (Float32 in the file, Int64 in "
            + "the network).",
            Assert.Throws<InvalidDataException>(() => WeightsFile.LoadStateDict(Network(), saved, "x.pth")).Message);
    }

    [Theory]
    [InlineData("model.")]
    [InlineData("net.")]
    [InlineData("backbone.")]
    [InlineData("student.")]
    [InlineData("module.model.")]
    [InlineData("model._orig_mod.")]
    public void A_prefix_that_all_names_have_is_left_out(string prefix)
    {
        using var scope = NewDisposeScope();
        var network = Network();
        WeightsFile.LoadStateDict(network, Saved(prefix), "x.pth");
        Assert.Equal([5f, 5f], network["fc.bias"].ToFloatArray());
    }

    [Fact]
    public void Where_there_are_other_names_the_message_says_how_to_choose()
    {
        using var scope = NewDisposeScope();
        var saved = Saved("student.");
        saved["teacher.fc.bias"] = zeros(9);
        Assert.EndsWith(
            "; all of the network's names are in it behind \"student.\", which the option \"prefix\" can state.",
            Assert.Throws<InvalidDataException>(() => WeightsFile.LoadStateDict(Network(), saved, "x.pth")).Message,
            StringComparison.Ordinal);

        var network = Network();
        WeightsFile.LoadStateDict(network, WeightsFile.WithPrefix(saved, "student.", "x.pth"), "x.pth");
        Assert.Equal([5f, 5f], network["fc.bias"].ToFloatArray());
        Assert.StartsWith(
            "x.pth has no name that begins with \"net.\"; it has student.bn.num_batches_tracked, ",
            Assert.Throws<InvalidDataException>(() => WeightsFile.WithPrefix(saved, "net.", "x.pth")).Message,
            StringComparison.Ordinal);
    }

    [Fact] // 16 MB: with it a header of 97 MB took 2.6 GB
    public void A_long_header_is_refused_before_it_is_read()
    {
        var path = Path.Combine(Few.Folder(), "x.safetensors");
        using (var file = File.Create(path))
        {
            file.Write(BitConverter.GetBytes(97_000_000L));
            file.SetLength(97_000_008);
        }
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains(
            "its header would have 97000000 bytes; at most 16777216 are allowed",
            Assert.Throws<InvalidDataException>(() => SafeTensors.Read(path)).Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Fact] // a header of 16 MB takes at most six times as much
    public void What_a_header_takes_is_bounded()
    {
        var path = Path.Combine(Few.Folder(), "x.safetensors");
        var one = "\"00000000\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},";
        var text = "{" + string.Concat(Enumerable.Range(0, 200_000).Select(
            i => one.Replace("00000000", i.ToString("x8", CultureInfo.InvariantCulture), StringComparison.Ordinal)));
        var bytes = System.Text.Encoding.ASCII.GetBytes(text[..^1] + "}");
        File.WriteAllBytes(path, [.. BitConverter.GetBytes((long)bytes.Length), .. bytes]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains(
            "it has more than 100000 tensors",
            Assert.Throws<InvalidDataException>(() => SafeTensors.Read(path)).Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000_000);
    }
}
