using Retort.Models;
using Retort.Tensors.Files;
using Retort.Tests.Contract;

namespace Retort.Tests.Models;

/// <summary>A small encoder, its data and its files.</summary>
static class TinyBert
{
    public const int Vocabulary = 30;

    static readonly Lazy<string> s_folder = new(() => HuggingFace(Pretrained()));

    /// <summary>Two layers of two heads, 8 numbers wide, for texts of up to 20 tokens; without dropout.</summary>
    public static BertOptions Options { get; } = new()
    {
        Layers = 2, HiddenSize = 8, Heads = 2, MaxPositions = 20, Dropout = 0, AttentionDropout = 0,
    };

    public static OutputSet All =>
        Output.Logits | Output.Embedding | Output.HiddenStates | Output.Attentions | Output.TokenEmbeddings;

    /// <summary>A folder of Hugging Face, once for all tests that do not change it.</summary>
    public static string Folder => s_folder.Value;

    /// <summary>Texts of up to 16 tokens.</summary>
    public static DatasetInfo Info(int classes = 3, bool types = true, int vocabulary = Vocabulary) => new()
    {
        Classes = [.. Enumerable.Range(0, classes).Select(i => $"class {i}")],
        Inputs =
        [
            TensorSpec.Tokens("input_ids", 16, vocabulary),
            TensorSpec.Tokens("attention_mask", 16),
            .. types ? [TensorSpec.Tokens("token_type_ids", 16)] : (TensorSpec[])[],
        ],
    };

    public static Bert New(BertOptions? options = null, DatasetInfo? info = null, int seed = 1)
    {
        torch.manual_seed(seed);
        var network = ModuleFactory.Create(() => (Bert)(options ?? Options).Build(info ?? Info()));
        Enlarge(network);
        network.eval();
        return network;
    }

    /// <summary>Texts of falling lengths, with this many positions of padding after the longest.</summary>
    public static Inputs Texts(int batch, int length, int padding = 0, bool types = true)
    {
        var width = length + padding;
        var (ids, mask, kinds) = (new long[batch * width], new long[batch * width], new long[batch * width]);
        for (var i = 0; i < ids.Length; i++)
        {
            var (text, position) = (i / width, i % width);
            if (position >= Math.Max(1, length - text)) continue;
            (ids[i], mask[i]) = (1 + (text * 11 + position * 7) % (Vocabulary - 1), 1);
            kinds[i] = position > length / 2 ? 1 : 0;
        }
        return new(
        [
            ("input_ids", ids.ToTensor(batch, width)),
            ("attention_mask", mask.ToTensor(batch, width)),
            .. types ? [("token_type_ids", kinds.ToTensor(batch, width))] : ((string, Tensor)[])[],
        ]);
    }

    /// <summary>A folder with <c>config.json</c> and <c>model.safetensors</c> as Hugging Face writes them.</summary>
    public static string HuggingFace(
        IEnumerable<KeyValuePair<string, Tensor>> weights, string? config = null, string folder = "")
    {
        folder = folder.Length == 0 ? Few.Folder() : folder;
        SafeTensors.Write(Path.Combine(folder, "model.safetensors"), weights);
        File.WriteAllText(Path.Combine(folder, "config.json"), config ?? Config());
        return folder;
    }

    /// <summary>The file's text for <see cref="Options"/>, with further keys.</summary>
    public static string Config(int layers = 2, string more = "") => $$"""
        {
          "model_type": "bert", "hidden_act": "gelu", "num_hidden_layers": {{layers}}, "hidden_size": 8,
          "num_attention_heads": 2, "intermediate_size": 32, "max_position_embeddings": 20,
          "type_vocab_size": 2, "vocab_size": 30, "layer_norm_eps": 1e-12 {{more}}
        }
        """;

    /// <summary>The weights of an encoder with a pooler and no classifier.</summary>
    public static Dictionary<string, Tensor> Pretrained(int layers = 2)
    {
        using var network = New(Options with { Layers = layers }, Info(classes: 0), seed: 7);
        return network.state_dict().ToDictionary(pair => pair.Key, pair => pair.Value.detach().clone());
    }

    // weights of deviation .02 give outputs that hardly depend on the text
    static void Enlarge(Bert network)
    {
        using var noGrad = torch.no_grad();
        foreach (var (name, parameter) in network.named_parameters())
            if (parameter.dim() == 2) parameter.mul_(10);
            else if (name.EndsWith("bias", StringComparison.Ordinal)) parameter.add_(0.1);
    }
}
