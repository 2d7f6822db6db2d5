using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Retort.Models;

/// <summary>Reads the sizes of a pretrained <c>bert</c> from the <c>config.json</c> beside its weights.</summary>
static class BertConfig
{
    /// <summary>The sizes in a Hugging Face folder, or in the folder of a network in a run.</summary>
    /// <exception cref="InvalidDataException">The folder holds no such network; the message says why.</exception>
    public static BertOptions Read(string folder)
    {
        var path = Path.Combine(folder, "config.json");
        if (!File.Exists(path)) throw new InvalidDataException(
            $"{path} is missing: a pretrained network is a folder of Hugging Face or of a run, with config.json and "
            + "weights.");

        var kind = JsonFile.Read<Kind>(path, "a network");
        var options = kind.Network is { } network
            ? FromRun(network, path)
            : FromHuggingFace(JsonFile.Read<HuggingFaceConfig>(path, "a network"), path);
        return OptionRules.Find(options) is not { } error ? options : throw new InvalidDataException(
            $"{path} describes a network that cannot be built: {error.Option} {error.Sentence}");
    }

    /// <summary>
    /// The keys by which Hugging Face's libraries build the network. They have no classifier over other vectors than
    /// the pooler's: of another pooling they read the encoder.
    /// </summary>
    public static JsonObject Write(BertOptions options, DatasetInfo info)
    {
        var heads = options.HiddenSize / options.HeadWidth;             // with the pruned ones
        var classifies = options.Pooling == BertPooling.Pooler && info.Classes.Count > 0;
        var config = new JsonObject
        {
            ["architectures"] = new JsonArray(classifies ? "BertForSequenceClassification" : "BertModel"),
            ["model_type"] = "bert",
            ["vocab_size"] = info.Input(InputNames.InputIds)!.Vocabulary,
            ["hidden_size"] = options.HiddenSize,
            ["num_hidden_layers"] = options.Layers,
            ["num_attention_heads"] = heads,
            ["intermediate_size"] = options.IntermediateSize ?? 4 * options.HiddenSize,
            ["hidden_act"] = "gelu",
            ["hidden_dropout_prob"] = options.Dropout,
            ["attention_probs_dropout_prob"] = options.AttentionDropout,
            ["max_position_embeddings"] = options.MaxPositions,
            ["type_vocab_size"] = options.TokenTypes,
            ["layer_norm_eps"] = options.LayerNormEpsilon,
            ["position_embedding_type"] = "absolute",
            ["pad_token_id"] = 0,
        };
        if (heads != options.Heads) config["pruned_heads"] = PrunedHeads(options, heads);
        if (!classifies) return config;

        var names = info.Classes.Index().ToList();
        config["id2label"] = new JsonObject(
            names.Select(one => KeyValuePair.Create(Invariant($"{one.Index}"), (JsonNode?)one.Item)));
        config["label2id"] = new JsonObject(names.Select(one => KeyValuePair.Create(one.Item, (JsonNode?)one.Index)));
        return config;
    }

    // Hugging Face's libraries make the layers with all heads and take these away
    static JsonObject PrunedHeads(BertOptions options, int heads) => new(
        Enumerable.Range(0, options.Layers).Select(layer => KeyValuePair.Create(Invariant($"{layer}"),
            (JsonNode?)new JsonArray([.. Enumerable.Range(options.Heads, heads - options.Heads)
                .Select(head => (JsonNode)head)]))));

    static BertOptions FromRun(JsonElement network, string path)
    {
        const string What = "a network bert";
        var json = JsonSerializer.SerializeToUtf8Bytes(network);
        var saved = JsonFile.Parse<SavedName>(json, path, What).Name == "bert"
            ? JsonFile.Parse<SavedSizes>(json, path, What)
            : throw new InvalidDataException($"{path} describes another network than bert.");
        return new()
        {
            Layers = saved.Layers,
            HiddenSize = saved.HiddenSize,
            Heads = saved.Heads,
            HeadSize = saved.HeadSize,
            IntermediateSize = saved.IntermediateSize,
            MaxPositions = saved.MaxPositions,
            TokenTypes = saved.TokenTypes,
            LayerNormEpsilon = saved.LayerNormEpsilon,
        };
    }

    static BertOptions FromHuggingFace(HuggingFaceConfig config, string path)
    {
        Check("model_type", config.ModelType, "bert");
        Check("hidden_act", config.HiddenAct, "gelu");
        Check("position_embedding_type", config.PositionEmbeddingType, "absolute");
        var pruned = PrunedOfLayer(config, path);
        return new()
        {
            Layers = config.Layers,
            HiddenSize = config.HiddenSize,
            Heads = config.Heads - pruned,
            HeadSize = pruned == 0 ? null : config.HiddenSize / config.Heads,
            IntermediateSize = config.IntermediateSize,
            MaxPositions = config.MaxPositions,
            TokenTypes = config.TokenTypes,
            LayerNormEpsilon = config.LayerNormEpsilon,
        };

        void Check(string key, string value, string expected)
        {
            if (value != expected) throw new InvalidDataException(
                $"{path}: {key} must be \"{expected}\"; it is \"{value.OnOneLine().Shortened(40)}\".");
        }
    }

    // heads that a network with as many in each layer lacks
    static int PrunedOfLayer(HuggingFaceConfig config, string path)
    {
        var counts = config.PrunedHeads.Where(layer => layer.Value.Count > 0)
            .Select(layer => layer.Value.Distinct().Count()).ToList();
        if (counts.Count == 0) return 0;

        var isEven = counts.Count == config.Layers && counts.Distinct().Count() == 1;
        return isEven && counts[0] < config.Heads && config.HiddenSize % config.Heads == 0 ? counts[0]
            : throw new InvalidDataException($"{path}: pruned_heads must leave each layer as many heads, and at least "
                + "one; these do not.");
    }

    /// <summary>The key that a run's file has and Hugging Face's has not.</summary>
    sealed record Kind(JsonElement? Network = null);

    sealed record SavedName(string Name);

    /// <summary>The sizes among a run's options of <c>bert</c>.</summary>
    sealed record SavedSizes(
        int Layers, int HiddenSize, int Heads, int MaxPositions, int TokenTypes, double LayerNormEpsilon,
        int? IntermediateSize = null, int? HeadSize = null);

    /// <summary>What is read of Hugging Face's file; a key that is not there has the value of its BertConfig.</summary>
    sealed record HuggingFaceConfig
    {
        [JsonPropertyName("model_type")] public string ModelType { get; init; } = "none";

        [JsonPropertyName("hidden_act")] public string HiddenAct { get; init; } = "gelu";

        [JsonPropertyName("position_embedding_type")]
        public string PositionEmbeddingType { get; init; } = "absolute";

        [JsonPropertyName("num_hidden_layers")] public int Layers { get; init; } = 12;

        [JsonPropertyName("hidden_size")] public int HiddenSize { get; init; } = 768;

        [JsonPropertyName("num_attention_heads")] public int Heads { get; init; } = 12;

        [JsonPropertyName("intermediate_size")] public int IntermediateSize { get; init; } = 3072;

        [JsonPropertyName("max_position_embeddings")] public int MaxPositions { get; init; } = 512;

        [JsonPropertyName("type_vocab_size")] public int TokenTypes { get; init; } = 2;

        [JsonPropertyName("pruned_heads")]
        public Dictionary<string, IReadOnlyList<int>> PrunedHeads { get; init; } = [];

        [JsonPropertyName("layer_norm_eps")] public double LayerNormEpsilon { get; init; } = 1e-12;
    }
}
