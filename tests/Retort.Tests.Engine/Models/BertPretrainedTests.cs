using Retort.Models;
using Retort.Recipes;
using Retort.Teachers;
using Retort.Tensors.Files;
using Retort.Tests.Contract;
using static TorchSharp.torch;

namespace Retort.Tests.Models;

/// <summary>Encoders whose weights come from a folder.</summary>
public sealed class BertPretrainedTests
{
    [Theory] // Hugging Face's BertModel and its other classes, wrappers, and files from before 2019
    [InlineData("bert.", "weight", "bias")]
    [InlineData("", "weight", "bias")]
    [InlineData("", "gamma", "beta")]
    [InlineData("model.bert.", "weight", "bias")]
    [InlineData("0.auto_model.", "weight", "bias")]
    public void Names_are_those_of_any_published_file(string prefix, string weight, string bias)
    {
        using var scope = NewDisposeScope();
        var own = TinyBert.Pretrained();
        var folder = TinyBert.HuggingFace(own.Select(pair => KeyValuePair.Create(prefix + pair.Key["bert.".Length..]
            .Replace("LayerNorm.weight", $"LayerNorm.{weight}", StringComparison.Ordinal)
            .Replace("LayerNorm.bias", $"LayerNorm.{bias}", StringComparison.Ordinal), pair.Value))
            .Append(KeyValuePair.Create(prefix + "embeddings.position_ids", arange(20).unsqueeze(0))));
        using var network = Built(new() { Path = folder });
        SameWeights(own, network);
    }

    [Fact]
    public void Sizes_are_those_of_the_folder_and_the_options_that_a_run_stores_need_no_folder()
    {
        var options = new BertPretrainedOptions
        {
            Path = TinyBert.Folder, Pooling = BertPooling.Mean, Dropout = 0.2, TakeLayers = [1],
        };
        var expected = TinyBert.Options with
        {
            Layers = 1, IntermediateSize = 32, Pooling = BertPooling.Mean, Dropout = 0.2, AttentionDropout = 0.1,
        };
        Assert.Equal(expected, options.Architecture());
        Assert.Equal(FileHash.Sha256(Path.Combine(TinyBert.Folder, "model.safetensors")), options.HashPretrained());
        Assert.Same(TinyBert.Options, TinyBert.Options.Architecture());
        Assert.Null(TinyBert.Options.HashPretrained());
    }

    [Fact] // 2 of 4 heads of 2 numbers: Hugging Face's libraries build all heads and take the last two away
    public void Fewer_heads_are_pruned_heads_of_a_folder_and_are_read_again()
    {
        var options = TinyBert.Options with { HeadSize = 2, IntermediateSize = 5 };
        var config = options.PublishedConfig(TinyBert.Info())!;
        Assert.Equal(
            (4, """{"0":[2,3],"1":[2,3]}"""),
            ((int)config["num_attention_heads"]!, config["pruned_heads"]!.ToJsonString()));
        using var scope = NewDisposeScope();
        using var network = TinyBert.New(options);
        var folder = TinyBert.HuggingFace(network.state_dict(), config.ToJsonString());
        var read = (BertOptions)new BertPretrainedOptions
        {
            Path = folder, Dropout = 0, AttentionDropout = 0,
        }.Architecture();
        Assert.Equal(options, read);
        Assert.Null(TinyBert.Options.PublishedConfig(TinyBert.Info())!["pruned_heads"]);
        Assert.Null((options with { HeadSize = 5 }).PublishedConfig(TinyBert.Info()));
    }

    [Theory]
    [InlineData("""{"0": [1]}""")]
    [InlineData("""{"0": [0, 1], "1": [0, 1]}""")]
    public void Layers_of_different_heads_or_of_none_are_refused(string pruned)
    {
        var folder = TinyBert.HuggingFace([], TinyBert.Config(more: $", \"pruned_heads\": {pruned}"));
        Assert.Equal(
            $"{Path.Combine(folder, "config.json")}: pruned_heads must leave each layer as many heads, and at least "
            + "one; these do not.",
            Assert.Throws<InvalidDataException>(
                () => new BertPretrainedOptions { Path = folder }.Architecture()).Message);
    }

    [Fact]
    public void TakeLayers_are_the_files_layers_in_their_new_order()
    {
        using var scope = NewDisposeScope();
        var own = TinyBert.Pretrained(layers: 4);
        var folder = TinyBert.HuggingFace(own, TinyBert.Config(layers: 4));
        using var network = Built(new() { Path = folder, TakeLayers = [3, 0, 3] });
        var state = network.state_dict();
        foreach (var (position, layer) in ((int, int)[])[(0, 3), (1, 0), (2, 3)])
            Assert.True(state[$"bert.encoder.layer.{position}.output.dense.weight"]
                .equal(own[$"bert.encoder.layer.{layer}.output.dense.weight"]).all().ToBoolean());
        Assert.DoesNotContain(state.Keys, name => name.StartsWith("bert.encoder.layer.3", StringComparison.Ordinal));
        Assert.Equal(
            $"takeLayers has layer 4; {folder} has the layers 0 to 3.",
            Refused(new() { Path = folder, TakeLayers = [0, 4] }));
    }

    [Theory]
    [InlineData(3, true)]
    [InlineData(5, false)]
    public void A_classifier_of_the_file_is_used_where_it_fits_the_classes(int classes, bool isUsed)
    {
        using var scope = NewDisposeScope();
        var own = TinyBert.Pretrained();
        own["classifier.weight"] = full(3, 8, 0.5f);
        own["classifier.bias"] = full(3, 0.25f);
        var folder = TinyBert.HuggingFace(own);
        using var network = Built(new() { Path = folder }, TinyBert.Info(classes));
        var weight = network.get_parameter("classifier.weight")!.detach();
        Assert.Equal([classes, 8], weight.shape);
        Assert.Equal(isUsed, weight.eq(0.5).all().ToBoolean());
        if (!isUsed) Assert.InRange(weight.std().ToDouble(), 0.01, 0.03);                       // drawn
        Assert.Equal(isUsed ? 0.25 : 0, network.get_parameter("classifier.bias")!.detach().max().ToDouble());
    }

    [Fact]
    public void Heads_of_pretraining_and_an_unused_pooler_are_left_out()
    {
        using var scope = NewDisposeScope();
        var own = TinyBert.Pretrained();
        own["cls.predictions.bias"] = zeros(30);
        own["classifier.weight"] = zeros(2, 8);
        using var network = Built(
            new() { Path = TinyBert.HuggingFace(own), Pooling = BertPooling.Mean }, TinyBert.Info(classes: 0));
        Assert.DoesNotContain(network.state_dict().Keys, name => name.Contains("pooler", StringComparison.Ordinal));
    }

    [Fact]
    public void A_network_of_a_run_is_a_pretrained_network_too()
    {
        using var scope = NewDisposeScope();
        var own = TinyBert.Pretrained();
        var network = Recipe.Write<ModelOptions>(TinyBert.Options).ToJsonString();
        var folder = TinyBert.HuggingFace(own, $$"""{ "part": "student-seed1", "network": {{network}} }""");
        using var read = Built(new() { Path = folder });
        SameWeights(own, read);
        File.WriteAllText(Path.Combine(folder, "config.json"), """{ "network": { "name": "mlp" } }""");
        Assert.EndsWith("config.json describes another network than bert.", Refused(new() { Path = folder }));
    }

    [Fact]
    public void Weights_in_pytorch_model_bin_are_read_where_there_is_no_safetensors_file()
    {
        var folder = Few.Folder();
        File.WriteAllText(Path.Combine(folder, "config.json"), TinyBert.Config());
        Assert.Equal(
            $"{folder} has no model.safetensors: a network's folder holds its weights under that name.",
            Refused(new() { Path = folder }));
        File.WriteAllText(Path.Combine(folder, "pytorch_model.bin"), new string('x', 20_000));
        Assert.Contains("pytorch_model.bin", Refused(new() { Path = folder }), StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_fit_is_one_sentence()
    {
        using var scope = NewDisposeScope();
        var folder = Few.Folder();
        Assert.Equal(
            $"{Path.Combine(folder, "config.json")} is missing: a pretrained network is a folder of Hugging Face or of "
            + "a run, with config.json and weights.", Refused(new() { Path = folder }));

        Write(config: TinyBert.Config(more: """, "position_embedding_type": "relative_key" """));
        Assert.EndsWith(
            "config.json: position_embedding_type must be \"absolute\"; it is \"relative_key\".",
            Refused(new() { Path = folder }));
        Write(config: """{ "model_type": "distilbert" }""");
        Assert.EndsWith(
            "config.json: model_type must be \"bert\"; it is \"distilbert\".", Refused(new() { Path = folder }));
        Write(config: """{ "model_type": "bert", "num_attention_heads": 5 }""");
        Assert.EndsWith(
            "config.json describes a network that cannot be built: HiddenSize must be a multiple of heads, 5; it is "
            + "768.", Refused(new() { Path = folder }));
        Write(config: """{ "model_type": "bert", "hidden_size": 120000 }""");
        Assert.EndsWith(
            "A layer of [30, 120000] is larger than all its network may be.", Refused(new() { Path = folder }));

        Write(TinyBert.Config(), own => own["bert.embeddings.word_embeddings.weight"] = zeros(31, 8));
        Assert.EndsWith(
            "model.safetensors has vectors of 31 token ids, and the data has 30: the data must be tokenized with the "
            + "vocabulary of these weights.", Refused(new() { Path = folder }));
        Write(TinyBert.Config(), own => own.Remove("bert.encoder.layer.1.output.dense.bias"));
        Assert.Contains(
            "model.safetensors does not fit the network: missing: bert.encoder.layer.1.output.dense.bias.",
            Refused(new() { Path = folder }));
        Write(TinyBert.Config(), own => own["qa_outputs.weight"] = zeros(2, 8));
        Assert.Contains(
            "model.safetensors does not fit the network: unknown to the network: qa_outputs.weight.",
            Refused(new() { Path = folder }));
        Write(TinyBert.Config(), own =>
        {
            own.Remove("bert.pooler.dense.weight");
            own.Remove("bert.pooler.dense.bias");
        });
        Assert.EndsWith(
            "model.safetensors has no pooler (bert.pooler.dense): choose the pooling \"cls\" or \"mean\".",
            Refused(new() { Path = folder }));

        void Write(string config, Action<Dictionary<string, Tensor>>? change = null)
        {
            var own = TinyBert.Pretrained();
            change?.Invoke(own);
            TinyBert.HuggingFace(own, config, folder);
        }
    }

    [Fact] // whose config.json has no normalization and no classes
    public void A_fine_tuned_model_of_Hugging_Face_is_a_teacher()
    {
        using var scope = NewDisposeScope();
        using var tuned = TinyBert.New(seed: 5);
        var weights = tuned.state_dict().ToDictionary();
        weights["bert.embeddings.position_ids"] = arange(20).unsqueeze(0);
        using var teacher = new CheckpointTeacherOptions
        {
            Network = TinyBert.Options, Path = TinyBert.HuggingFace(weights),
        }.Open(TinyBert.Info(), CPU);
        var texts = TinyBert.Texts(2, 6);
        var batch = new Batch { Inputs = texts, Labels = zeros(2, int64), Labelled = 2, Ids = [0, 1] };
        var expected = tuned.Forward(texts, Output.Logits).Logits;
        Assert.True(teacher.Forward(batch, Output.Logits).Logits.equal(expected).all().ToBoolean());
    }

    [Fact]
    public void Reading_weights_leaves_no_native_tensor()
    {
        Built(new() { Path = TinyBert.Folder }).Dispose();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Built(new() { Path = TinyBert.Folder }).Dispose();
        Refused(new() { Path = TinyBert.Folder }, TinyBert.Info(vocabulary: 9));
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    static Network Built(BertPretrainedOptions options, DatasetInfo? info = null) =>
        ModuleFactory.Create(() => options.Build(info ?? TinyBert.Info()));

    static string Refused(BertPretrainedOptions options, DatasetInfo? info = null) =>
        Assert.Throws<InvalidDataException>(() => Built(options, info)).Message;

    static void SameWeights(Dictionary<string, Tensor> expected, Network network)
    {
        var state = network.state_dict();
        Assert.All(expected, pair => Assert.True(state[pair.Key].equal(pair.Value).all().ToBoolean(), pair.Key));
    }
}
