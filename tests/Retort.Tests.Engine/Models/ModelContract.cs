using Retort.Tests.Contract;
using Retort.Recipes;

namespace Retort.Tests.Models;

/// <summary>What every listed network keeps, with its default options.</summary>
public sealed class ModelContract
{
    static readonly OutputSet Everything = Output.Logits | Output.Embedding | Output.HiddenStates;

    static readonly HashSet<string> OfTokens = ["bert", "bert-pretrained", "vilt"];

    static readonly HashSet<string> OfVectors = ["text-convnet", "text-rnn"];

    public static TheoryData<string> All => [.. Few.Shipped(Registry.Models).Where(name => !IsPolicy(name))];

    // policies are built for environments: PolicyNetworkTests
    static bool IsPolicy(string name) => name.EndsWith("-policy", StringComparison.Ordinal);

    [Theory, MemberData(nameof(All))]
    public void Embedding_is_what_feeds_the_classifier(string name)
    {
        using var scope = torch.NewDisposeScope();
        using var network = Small(name);
        network.eval();
        var (recorder, answer) = Recorder.Record(() => network.Forward(Examples(name), Everything));
        var classifier = recorder.Operations.Last(word => word.Name == "Gemm");
        Assert.Same(answer.Embedding, classifier.Inputs[0].Tensor);
        Assert.Same(answer.Logits, classifier.Output.Tensor);
        Assert.Equal([2, 4], answer.Logits.shape);
    }

    [Theory, MemberData(nameof(All))]
    public void The_classifier_is_not_run_for_an_embedding(string name)
    {
        using var scope = torch.NewDisposeScope();
        using var network = Small(name);
        network.eval();
        Assert.Equal(Words(Output.Logits).Count - 1, Words(Output.Embedding).Count);
        Assert.Equal(Words(Output.Logits), Words(Everything));

        List<string> Words(OutputSet wanted) => [.. Recorder.Record(() => network.Forward(Examples(name), wanted))
            .Recorder.Operations.Select(word => word.Name)];
    }

    [Theory, MemberData(nameof(All))]
    public void Without_classes_it_has_no_logits_and_no_parameters_of_a_classifier(string name)
    {
        using var scope = torch.NewDisposeScope();
        using var network = Small(name);
        using var headless = ModuleFactory.Create(() => Options(name).Build(Info(name, classes: 0)));
        Assert.True(Everything.Except(network.AvailableOutputs).IsEmpty);
        Assert.Equal(network.AvailableOutputs.Except(Output.Logits), headless.AvailableOutputs);

        // the classifier's matrix and bias are the last two parameters, and the only ones that are missing
        var all = network.named_parameters().Select(pair => pair.name).ToList();
        Assert.Equal(all.SkipLast(2), headless.named_parameters().Select(pair => pair.name));

        var embedding = headless.Forward(Examples(name), Output.Embedding).Embedding;
        Assert.Equal(network.Forward(Examples(name), Output.Embedding).Embedding.shape, embedding.shape);
        var error = Assert.Throws<InvalidOperationException>(() => headless.Forward(Examples(name), Output.Logits));
        Assert.Equal("This network has no logits: its data has no classes.", error.Message);
    }

    [Theory, MemberData(nameof(All))]
    public void For_hidden_maps_nothing_after_the_last_one_is_run(string name)
    {
        using var scope = torch.NewDisposeScope();
        using var network = Small(name);
        var (recorder, answer) = Recorder.Record(() => network.Forward(Examples(name), Output.HiddenStates));
        Assert.Same(answer.HiddenStates[^1], recorder.Operations[^1].Output.Tensor);
        Assert.Equal(
            name is "mlp" or "vit" or "text-rnn" || OfTokens.Contains(name),
            recorder.Operations.Any(word => word.Name == "Gemm"));
        Assert.Throws<InvalidOperationException>(() => answer.Logits);
        Assert.Throws<InvalidOperationException>(() => answer.Embedding);
    }

    [Theory, MemberData(nameof(All))]
    public void Operands_are_recorded_results_parameters_or_inputs(string name)
    {
        using var scope = torch.NewDisposeScope();
        using var network = Small(name);
        var examples = Examples(name);
        var (recorder, _) = Recorder.Record(() => network.Forward(examples, Everything));
        HashSet<object> known = new(
            [
                .. network.parameters(),
                .. network.named_buffers().Select(pair => pair.buffer),
                .. examples.Parts.Select(part => part.Value),
                .. recorder.Operations.Select(word => word.Output.Tensor),
            ],
            ReferenceEqualityComparer.Instance);
        Assert.All(
            recorder.Operations, word => Assert.All(word.Inputs, operand => Assert.Contains(operand.Tensor, known)));
    }

    [Theory, MemberData(nameof(All))]
    public void The_same_seed_gives_the_same_first_weights_and_another_seed_others(string name)
    {
        using var scope = torch.NewDisposeScope();
        using var first = Seeded(1);
        using var again = Seeded(1);
        using var other = Seeded(2);
        Assert.All(Compared(first, again), Assert.True);
        Assert.Contains(false, Compared(first, other));

        Network Seeded(int seed)
        {
            torch.manual_seed(seed);
            return Small(name);
        }

        static IEnumerable<bool> Compared(Network a, Network b) =>
            a.parameters().Zip(b.parameters(), (p, q) => p.equal(q).all().ToBoolean());
    }

    [Theory, MemberData(nameof(All))]
    public void Built_trained_and_disposed_it_leaves_no_native_tensor(string name)
    {
        Once();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Once();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);

        void Once()
        {
            using var network = Small(name);
            using var scope = torch.NewDisposeScope();
            network.Forward(Examples(name), Everything).Logits.sum().backward();
        }
    }

    [Theory, MemberData(nameof(All))]
    public void In_channels_last_outputs_and_gradients_are_the_same(string name)
    {
        using var scope = torch.NewDisposeScope();
        using var network = Small(name);
        var usual = Answered(MemoryFormat.Contiguous);
        network.ToMemoryFormat(MemoryFormat.ChannelsLast);
        var turned = Answered(MemoryFormat.ChannelsLast);
        Assert.True(usual.Logits.allclose(turned.Logits, 1e-3, 1e-4));
        Assert.True(usual.Gradient.allclose(turned.Gradient, 1e-2, 1e-3 * usual.Gradient.abs().max().ToDouble()));

        (Tensor Logits, Tensor Gradient) Answered(MemoryFormat format)
        {
            network.zero_grad();
            torch.manual_seed(5);                                                       // of dropout
            var turned = Examples(name).Parts.Select(part => (part.Name, part.Value.ToMemoryFormat(format)));
            var logits = network.Forward(new([.. turned]), Output.Logits).Logits;
            logits.square().sum().backward();
            return (logits.detach(), network.parameters().Last().grad!.clone());
        }
    }

    [Theory, MemberData(nameof(All))] // 8 bits of mantissa: each word is right to 1 / 256
    public void In_bfloat16_outputs_are_nearly_the_same_and_it_trains(string name)
    {
        using var scope = torch.NewDisposeScope();
        using var network = Small(name);
        network.eval();
        var exact = network.Forward(Examples(name), Output.Logits).Logits;
        using var policy = Autocast.Enter(ComputePrecision.BFloat16);
        var narrow = network.Forward(Examples(name), Output.Logits).Logits;
        var error = (narrow.AtLeastFloat32() - exact).norm().ToDouble() / exact.norm().ToDouble();
        Assert.InRange(error, 1e-6, 0.05);
        narrow.AtLeastFloat32().square().sum().backward();
        Assert.All(network.parameters(), parameter => Assert.Equal(torch.float32, parameter.grad!.dtype));
    }

    [Theory, MemberData(nameof(All))]
    public void Its_options_survive_json(string name)
    {
        var written = Recipe.Write(Options(name));
        var read = Recipe.Read<ModelOptions>(written, name);
        Assert.IsType(Registry.Models[name], read);
        Assert.Equal(written.ToJsonString(), Recipe.Write(read).ToJsonString());
    }

    static ModelOptions Options(string name) => name == "bert-pretrained"
        ? new Retort.Models.BertPretrainedOptions { Path = TinyBert.Folder }
        : (ModelOptions)Activator.CreateInstance(Registry.Models[name])!;

    static Network Small(string name) => ModuleFactory.Create(() => Options(name).Build(Info(name, 4)));

    static DatasetInfo Info(string name, int classes)
    {
        if (OfVectors.Contains(name))
            return Golden.Info([2, 20, 18], classes) with { Inputs = [TensorSpec.InputsEmbeds(7, 5)] };
        if (!OfTokens.Contains(name)) return Golden.Info([2, .. Side(name)], classes);

        var texts = TinyBert.Info(classes);
        return name == "vilt" ? texts with { Inputs = [.. texts.Inputs, TensorSpec.PixelValues(2, 32, 32)] } : texts;
    }

    static Inputs Examples(string name)
    {
        var texts = TinyBert.Texts(2, 12);
        if (name == "vilt") return new(
            [.. texts.Parts, ("pixel_values", Golden.Noise(1000, 2 * 2 * 32 * 32).ToTensor(2, 2, 32, 32))]);
        if (OfTokens.Contains(name)) return texts;

        if (OfVectors.Contains(name))
            return new((InputNames.InputsEmbeds, Golden.Noise(1000, 2 * 7 * 5).ToTensor(2, 7, 5)));

        long[] shape = [2, 2, .. Side(name)];
        return new(("pixel_values", Golden.Noise(1000, shape.Aggregate((a, b) => a * b)).ToTensor(shape)));
    }

    // the families of large images end as a 32nd; a batch norm over two numbers would make rounding visible
    static long[] Side(string name) => name == "vit" ? [32, 48]
        : name.StartsWith("torchvision", StringComparison.Ordinal) ? [80, 72] : [20, 18];
}
