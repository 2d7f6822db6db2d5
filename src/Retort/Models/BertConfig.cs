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
        var classifies = options.Pooling == BertPooling.Pooler && info.Classes.Count > 0;
        var config = new JsonObject
        {
            ["architectures"] = new JsonArray(classifies ? "BertForSequenceClassification" : "BertModel"),
            ["model_type"] = "bert",
            ["vocab_size"] = info.Input(InputNames.InputIds)!.Vocabulary,
            ["hidden_size"] = options.HiddenSize,
            ["num_hidden_layers"] = options.Layers,
            ["num_attention_heads"] = options.Heads,
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
        if (!classifies) return config;

        var names = info.Classes.Index().ToList();
        config["id2label"] = new JsonObject(
            names.Select(one => KeyValuePair.Create(Invariant($"{one.Index}"), (JsonNode?)one.Item)));
        config["label2id"] = new JsonObject(names.Select(one => KeyValuePair.Create(one.Item, (JsonNode?)one.Index)));
        return config;
    }

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
        return new()
        {
            Layers = config.Layers,
            HiddenSize = config.HiddenSize,
            Heads = config.Heads,
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

    /// <summary>The key that a run's file has and Hugging Face's has not.</summary>
    sealed record Kind(JsonElement? Network = null);

    sealed record SavedName(string Name);

    /// <summary>The sizes among a run's options of <c>bert</c>.</summary>
    sealed record SavedSizes(
        int Layers, int HiddenSize, int Heads, int MaxPositions, int TokenTypes, double LayerNormEpsilon,
        int? IntermediateSize = null);

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

        [JsonPropertyName("layer_norm_eps")] public double LayerNormEpsilon { get; init; } = 1e-12;
    }
}
