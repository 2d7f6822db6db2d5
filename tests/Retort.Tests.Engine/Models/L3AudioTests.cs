using System.IO.Compression;
using System.Text.Json;
using Retort.Models;
using Retort.Runtime.Features.Audio;
using Retort.Tests.Contract;

namespace Retort.Tests.Models;

/// <summary>The L3 network and its students: sizes of the papers, and the published student.</summary>
public sealed class L3AudioTests
{
    [Theory] // Srivastava et al. 2021, Table 1: 4.69, 4.69, 1.17, .58 and .40 million
    [InlineData(4_687_042, 512, L3LastLayer.Convolution, 64, 128, 256, 512)]
    [InlineData(4_688_066, 512, L3LastLayer.BatchNorm, 64, 128, 256, 512)]
    [InlineData(1_173_602, 256, L3LastLayer.Relu, 32, 64, 128, 256)]
    [InlineData(583_010, 128, L3LastLayer.BatchNorm, 32, 64, 128, 128)]
    [InlineData(398_306, 64, L3LastLayer.Relu, 32, 64, 128, 64)]
    public void It_has_as_many_parameters_as_in_the_paper(
        long published, int width, L3LastLayer last, params int[] widths)
    {
        using var scope = torch.NewDisposeScope();
        using var network = Build(new() { Widths = widths, LastLayer = last }, 64, 50);
        Assert.Equal(published, network.parameters().Sum(parameter => parameter.numel()));
        network.eval();
        var outputs = network.Forward(Example(64, 50), Output.Embedding | Output.HiddenStates);
        Assert.Equal([1, width], outputs.Embedding.shape);
        Assert.Equal([1, widths[0], 64, 50], outputs.HiddenStates[0].shape);
        Assert.Equal([1, widths[3], 8, 6], outputs.HiddenStates[3].shape);
    }

    [Fact] // the maps of OpenL3's front end: 256 × 199 to 32 × 24
    public void The_teachers_maps_are_those_of_its_layer_table()
    {
        using var scope = torch.NewDisposeScope();
        using var network = Build(new() { Widths = [2, 2, 2, 2], LastLayer = L3LastLayer.Convolution }, 256, 199);
        network.eval();
        var maps = network.Forward(Example(256, 199), Output.HiddenStates).HiddenStates;
        Assert.Equal(["256 199", "128 99", "64 49", "32 24"],
            maps.Select(map => FormattableString.Invariant($"{map.size(2)} {map.size(3)}")));
    }

    [Fact]
    public void Only_a_last_layer_of_batch_norm_or_convolution_has_numbers_below_0()
    {
        using var scope = torch.NewDisposeScope();
        foreach (var last in Enum.GetValues<L3LastLayer>())
        {
            using var network = Build(new() { Widths = [4, 32], LastLayer = last }, 2, 2);
            var lowest = network.Forward(new(("input_features", torch.randn(64, 1, 2, 2))), Output.Embedding)
                .Embedding.min().ToSingle();
            Assert.Equal(last != L3LastLayer.Relu, lowest < 0);
        }
    }

    [Fact]
    public void It_takes_no_map_that_is_smaller_than_its_blocks_halve() => Assert.Equal(
        "l3-audio with 4 blocks takes images of at least 8 x 8 pixels; the data's are 64 x 5: choose a network for "
        + "smaller ones, such as convnet or mlp.",
        Assert.Throws<InvalidOperationException>(() => Build(new(), 64, 5)).Message);

    [Theory] // the published weights, evaluated in float64 beside the recordings
    [InlineData("sine440")]
    [InlineData("noise")]
    [InlineData("dog-bark")]
    [InlineData("rain")]
    [InlineData("sea-waves")]
    [InlineData("baby-cry")]
    public void The_published_student_gives_its_embedding(string clip)
    {
        using var scope = torch.NewDisposeScope();
        using var network = Build(Published(Reference("edgel3_sea_ust_audio_emb_64.h5.gz")), 64, 50);
        network.eval();
        var reference = JsonDocument.Parse(File.ReadAllText(Reference("reference.json"))).RootElement
            .GetProperty("clips").GetProperty(clip);
        var path = Reference(clip + ".wav");
        var sound = AudioFile.Read(File.ReadAllBytes(path), path);
        var values = new float[64 * 50];
        new MelSpectrogram(MelOptions.Sea).Compute(sound.ToMono(8000), values);
        var input = new Inputs(("input_features", torch.tensor(values).reshape(1, 1, 64, 50)));
        var embedding = network.Forward(input, Output.Embedding).Embedding.data<float>().ToArray();
        float[] expected = [.. reference.GetProperty("embedding").EnumerateArray().Select(one => one.GetSingle())];
        Assert.Equal(64, expected.Length);
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], embedding[i], tolerance: 2e-3f);
    }

    static L3AudioOptions Published(string zipped)
    {
        var path = Path.Combine(Few.Folder(), "student.h5");
        using var from = new GZipStream(File.OpenRead(zipped), CompressionMode.Decompress);
        using (var to = File.Create(path)) from.CopyTo(to);
        return new() { Widths = [32, 64, 128, 64], LastLayer = L3LastLayer.Relu, Initial = path };
    }

    static string Reference(string name)
    {
        var path = Path.Combine(CacheFolders.Data, "sea-reference", name);
        Assert.SkipUnless(File.Exists(path), $"{path} does not exist; RETORT_DATA can name the folder that has it.");
        return path;
    }

    internal static Network Build(L3AudioOptions options, long bins, long frames) =>
        options.Build(new() { Classes = [], Inputs = [TensorSpec.InputFeatures(bins, frames)] });

    static Inputs Example(long bins, long frames) => new(("input_features", torch.zeros(1, 1, bins, frames)));
}
