using Retort.Models;
using Retort.Tensors.Files;
using Retort.Tests.Contract;

namespace Retort.Tests.Models;

/// <summary>Networks that begin with the weights of a file, some of their layers frozen.</summary>
public sealed class InitialWeightsTests
{
    static readonly TorchvisionMobileNetV3Options Small = new() { Width = 0.25, Dropout = 0 };

    [Theory]
    [InlineData("")]
    [InlineData("model.")]
    public void A_classifier_of_other_classes_is_drawn_anew_and_all_other_weights_are_the_files(string prefix)
    {
        using var scope = torch.NewDisposeScope();
        using var published = Built(Small, classes: 7);
        var file = Saved(published, prefix);
        using var network = Built(Small with { Initial = file }, classes: 3);
        var own = published.state_dict();
        foreach (var (name, tensor) in network.state_dict())
            if (name.StartsWith("classifier.3.", StringComparison.Ordinal)) Assert.Equal(3, tensor.shape[0]);
            else Assert.True(own[name].equal(tensor).all().ToBoolean(), name);

        Assert.Equal("begins with the weights of few.safetensors, with a new classifier of 3 classes in place of the "
            + "file's 7", (Small with { Initial = file }).DescribeInitial(Info(3)));
        Assert.Equal("begins with the weights of few.safetensors, with its classifier of 7 classes; frozen: features",
            (Small with { Initial = file, Frozen = ["features"] }).DescribeInitial(Info(7)));
    }

    [Fact]
    public void A_classifier_that_fits_is_the_files_and_without_classes_there_is_none()
    {
        using var scope = torch.NewDisposeScope();
        using var published = Built(Small, classes: 7);
        var file = Saved(published);
        using var same = Built(Small with { Initial = file }, classes: 7);
        Assert.Equal(published.get_parameter("classifier.3.bias")!.ToFloatArray(),
            same.get_parameter("classifier.3.bias")!.ToFloatArray());

        using var headless = Built(Small with { Initial = file }, classes: 0);
        Assert.DoesNotContain(headless.named_parameters(), pair => pair.name == "classifier.3.bias");
    }

    [Fact]
    public void A_classifier_whose_bias_does_not_fit_is_announced_as_it_is_loaded()
    {
        using var scope = torch.NewDisposeScope();
        using var published = Built(Small, classes: 7);
        var file = Path.Combine(Few.Folder(), "few.safetensors");
        SafeTensors.Write(file, published.state_dict().Select(pair => KeyValuePair.Create(
            pair.Key, pair.Key == "classifier.3.bias" ? torch.ones(5) : pair.Value)));
        var options = Small with { Initial = file };
        using var network = Built(options, classes: 7);
        Assert.False(published.get_parameter("classifier.3.weight")!.equal(
            network.get_parameter("classifier.3.weight")!).all().ToBoolean());
        Assert.Equal("begins with the weights of few.safetensors, with a new classifier of 7 classes, since the file's "
            + "has 7 rows and 5 biases", options.DescribeInitial(Info(7)));
    }

    [Fact]
    public void What_a_run_stores_needs_no_file_and_the_files_hash_identifies_it()
    {
        using var scope = torch.NewDisposeScope();
        using var published = Built(Small, classes: 7);
        var options = Small with { Initial = Saved(published), Frozen = ["backbone"] };
        Assert.Equal(Small, options.Architecture());
        Assert.Equal(FileHash.Sha256(options.Initial), options.HashPretrained());
        Assert.Null(Small.HashPretrained());
        Assert.Null(Small.DescribeInitial(Info(3)));
    }

    [Fact]
    public void A_file_of_another_network_is_refused_by_its_names()
    {
        using var scope = torch.NewDisposeScope();
        using var other = Golden.Student("""{ "name": "torchvision-mobilenet-v2", "width": 0.1 }""", Info(3));
        var file = Saved(other);
        var error = Assert.Throws<InvalidDataException>(() => Built(Small with { Initial = file }, 3)).Message;
        Assert.StartsWith($"{file} does not fit the network: missing: ", error, StringComparison.Ordinal);
        Assert.EndsWith($". {InitialWeights.Advice}", error, StringComparison.Ordinal);
        Assert.Equal($"{file}.none: there is no such file.", Assert.Throws<InvalidDataException>(
            () => Built(Small with { Initial = file + ".none" }, 3)).Message);
    }

    [Theory]
    [InlineData("frozen has \"layer9\", which is no layer of this network; its layers are features, classifier, and "
        + "\"backbone\" stands for all but the classifier.", "layer9")]
    [InlineData("frozen has all layers of this network: at least one must be trained.", "backbone", "classifier.3")]
    public void Layers_that_cannot_be_frozen_are_refused(string sentence, params string[] frozen)
    {
        using var scope = torch.NewDisposeScope();
        using var published = Built(Small, classes: 3);
        var options = Small with { Initial = Saved(published), Frozen = frozen };
        Assert.Equal(sentence, Assert.Throws<InvalidOperationException>(() => Built(options, 3)).Message);
    }

    [Fact]
    public void A_recipe_cannot_freeze_layers_that_were_drawn() => Assert.Contains(
        "student.frozen needs \"initial\": layers with drawn weights would never learn.",
        Assert.Throws<InvalidDataException>(() => Golden.Options(
            """{ "name": "torchvision-resnet", "frozen": ["layer1"] }""")).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData(null)]
    [InlineData(0.9)]
    public void Frozen_layers_are_the_files_to_the_bit_after_training_and_training_is_resumed_to_the_bit(double? ema)
    {
        using var scope = torch.NewDisposeScope();
        using var published = ModuleFactory.Create(() => Small.Build(Few.Data.Info));
        foreach (var (_, buffer) in published.named_buffers())
            if (buffer.is_floating_point()) buffer.fill_(0.75);
        var model = Small with { Initial = Saved(published), Frozen = ["features.0", "features.1", "features.2"] };

        var (whole, broken) = (Few.Folder(), Few.Folder());
        var bits = Few.Train(Job(whole));
        Few.Stop(Job(broken), inStep: 5);
        Assert.Equal(bits, Few.Train(Job(broken)));

        var trained = SafeTensors.Read(Path.Combine(whole, "bits"));
        foreach (var (name, tensor) in published.state_dict())
        {
            var isFrozen = model.Frozen.Any(layer => name.StartsWith(layer + ".", StringComparison.Ordinal));
            foreach (var kept in (string[])[name, "best/" + name])
                if (isFrozen) Assert.True(tensor.equal(trained[kept]).all().ToBoolean(), kept);
            if (!isFrozen && tensor.dim() == 4) Assert.False(tensor.equal(trained[name]).all().ToBoolean(), name);
        }

        Retort.Training.TrainerConfig Job(string folder)
        {
            var job = Few.Job(folder, _ => new Retort.Methods.LabelsOnly(Few.Task));
            return job with { Build = () => model.Build(Few.Data.Info), Options = job.Options with { EmaDecay = ema } };
        }
    }

    static DatasetInfo Info(int classes) => Golden.Info([3, 32, 32], classes);

    static Network Built(ModelOptions options, int classes) => ModuleFactory.Create(() => options.Build(Info(classes)));

    static string Saved(Network network, string prefix = "")
    {
        var file = Path.Combine(Few.Folder(), "few.safetensors");
        SafeTensors.Write(
            file, network.state_dict().Select(pair => KeyValuePair.Create(prefix + pair.Key, pair.Value)));
        return file;
    }
}
