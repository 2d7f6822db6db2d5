using PureHDF;
using Retort.Models;
using Retort.Teachers;
using Retort.Tensors.Files;
using Retort.Tests.Contract;

namespace Retort.Tests.Models;

/// <summary>Weights in HDF5 files of Keras: what is read, and what is refused.</summary>
public sealed class KerasFileTests
{
    static readonly L3AudioOptions Small = new() { Widths = [2, 3], LastLayer = L3LastLayer.Relu };

    readonly string _folder = Few.Folder();

    [Theory] // kernels are [height, width, inputs, outputs] there, and [outputs, inputs, height, width] here
    [InlineData(false)]
    [InlineData(true)]
    public void Layers_are_read_in_the_order_of_their_numbers(bool countsFromZero)
    {
        using var scope = torch.NewDisposeScope();
        using var network = Build(Small with { Initial = Put("a.h5", Keras([2, 3], countsFromZero)) });
        var state = network.state_dict();
        Assert.Equal(Value(2, 1, 0, 1, 1), state["blocks.1.conv1.weight"][1, 0, 2, 1].ToSingle());
        Assert.Equal(
            [0, 0.25f, 0.5f], state["blocks.1.conv2.bias"].data<float>().ToArray());
        Assert.Equal(4.5f, state["blocks.1.norm2.running_var"][0].ToSingle());
        Assert.Equal(1, state["norm.weight"][0].ToSingle());
    }

    [Fact]
    public void A_file_of_another_network_is_refused()
    {
        Refused(Keras([2, 3, 4]), "must have 4 convolutions and as many norms, or one more, as an L3 network of 2 "
            + "blocks; it has 6 and 7.");
        Refused(Keras([2, 5]), "does not fit the network: of another shape: blocks.1.conv1.bias ([5] in the file, [3] "
            + "in the network)");
        var other = new H5File { ["dense"] = new H5Group { ["kernel"] = new float[,] { { 1, 2 } } } };
        Refused(other, "does not fit the network: missing: ");
        int[] counts = [1, 2, 3];
        Refused(new H5File { ["counts"] = counts }, "it has no float32 tensor.");
    }

    [Fact]
    public void A_file_that_is_cut_off_or_damaged_is_refused_with_a_sentence()
    {
        var content = File.ReadAllBytes(Put("a.h5", Keras([2, 3])));
        var random = new RandomStream(1, StreamKey.Data);
        for (var i = 0; i < 300; i++)
        {
            var damaged = content.ToArray();
            if (i < 50) damaged = damaged[..random.NextInt(damaged.Length)];
            else
                for (var k = 0; k < 4; k++) damaged[8 + random.NextInt(damaged.Length - 8)] = (byte)random.NextInt(256);
            var path = Path.Combine(_folder, "damaged.h5");
            File.WriteAllBytes(path, damaged);
            try
            {
                using var scope = torch.NewDisposeScope();
                Hdf5File.Read(path);
            }
            catch (InvalidDataException error)
            {
                Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
                Assert.EndsWith(".", error.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact] // the data has classes, the file has no classifier
    public void A_file_without_a_classifier_is_a_teacher_of_embeddings()
    {
        var options = new CheckpointTeacherOptions { Network = Small, Path = Put("a.h5", Keras([2, 3])) };
        var data = new DatasetInfo { Classes = ["a", "b"], Inputs = [TensorSpec.InputFeatures(16, 16)] };
        using var teacher = options.Open(data, torch.CPU);
        Assert.True(teacher.AvailableOutputs.Contains(Output.Embedding));
        Assert.False(teacher.AvailableOutputs.Contains(Output.Logits));
    }

    [Fact] // the network's names behind a prefix, as of a module that wraps it
    public void The_names_of_such_a_file_may_have_a_prefix()
    {
        using var scope = torch.NewDisposeScope();
        var data = new DatasetInfo { Classes = ["a", "b"], Inputs = [TensorSpec.InputFeatures(16, 16)] };
        using var backbone = Small.Build(data with { Classes = [] });
        var path = Path.Combine(_folder, "a.safetensors");
        SafeTensors.Write(path, backbone.state_dict().ToDictionary(pair => $"model.{pair.Key}", pair => pair.Value));
        using var teacher = new CheckpointTeacherOptions { Network = Small, Path = path }.Open(data, torch.CPU);
        Assert.False(teacher.AvailableOutputs.Contains(Output.Logits));
    }

    [Fact]
    public void A_file_of_weights_is_sent_to_the_teacher_that_reads_it() => Assert.Contains(
        "is an HDF5 file of weights, which the teacher \"checkpoint\" reads with a network that the recipe names",
        Assert.Throws<InvalidDataException>(() => TeacherFile.Check(
            Put("a.h5", Keras([2, 3])), "onnx")).Message, StringComparison.Ordinal);

    void Refused(H5File file, string message) => Assert.Contains(
        message, Assert.Throws<InvalidDataException>(() => Build(Small with { Initial = Put("b.h5", file) })).Message,
        StringComparison.Ordinal);

    string Put(string name, H5File file)
    {
        var path = Path.Combine(_folder, name);
        file.Write(path);
        return path;
    }

    static Network Build(L3AudioOptions options) => L3AudioTests.Build(options, 16, 16);

    // as Keras saves a model: a group of a layer's name inside one of the same name
    static H5File Keras(int[] widths, bool countsFromZero = false)
    {
        var layers = new H5Group();
        int[] channels = [1, .. widths];
        Norm(1, 1);
        for (var i = 0; i < 2 * widths.Length; i++)
        {
            var (from, to) = (channels[(i + 1) / 2], channels[i / 2 + 1]);
            var last = i == 2 * widths.Length - 1;
            var name = last ? "audio_embedding_layer" : Name("conv2d", i + 1);
            var kernel = new float[3, 3, from, to];
            for (var h = 0; h < 3; h++)
                for (var w = 0; w < 3; w++)
                    for (var k = 0; k < from; k++)
                        for (var o = 0; o < to; o++) kernel[h, w, k, o] = Value(h, w, k, o, i / 2);
            layers[name] = new H5Group
            {
                [name] = new H5Group
                {
                    ["kernel:0"] = kernel, ["bias:0"] = Enumerable.Range(0, to).Select(o => o / 4f).ToArray(),
                },
            };
            Norm(i + 2, to);
        }
        return new() { ["model_weights"] = layers };

        string Name(string kind, int number) => !countsFromZero ? FormattableString.Invariant($"{kind}_{number}")
            : number == 1 ? kind : FormattableString.Invariant($"{kind}_{number - 1}");

        void Norm(int number, int width)
        {
            var name = Name("batch_normalization", number);
            float[] Same(float value) => [.. Enumerable.Repeat(value, width)];
            layers[name] = new H5Group
            {
                [name] = new H5Group
                {
                    ["gamma:0"] = Same(number), ["beta:0"] = Same(0), ["moving_mean:0"] = Same(0),
                    ["moving_variance:0"] = Same(number - 0.5f),
                },
            };
        }
    }

    static float Value(int h, int w, int from, int to, int block) => h + 3 * w + 10 * from + 100 * to + 1000 * block;
}
