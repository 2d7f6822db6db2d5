using System.Text.Json.Serialization;

namespace Retort.Teachers;

/// <summary>Options of a teacher in an ONNX file, run by ONNX Runtime on the CPU.</summary>
public sealed record OnnxTeacherOptions : PretrainedTeacherOptions
{
    /// <summary>The file.</summary>
    [RecipePath]
    public required string Path { get; init; }

    /// <summary>
    /// The graph's names of the data's inputs, in the order of the data. Unless given, the names must be the same; of a
    /// graph and data with one input each, any name will do.
    /// </summary>
    public IReadOnlyList<string> Inputs { get; init; } = [];

    /// <summary>
    /// The graph's outputs. Unless one is named, the logits are the graph's only output, or the one called
    /// <c>logits</c>.
    /// </summary>
    public OnnxOutputNames Outputs { get; init; } = new();

    /// <summary>The order of an image's numbers that the graph expects.</summary>
    public ImageLayout Layout { get; init; }

    /// <summary>
    /// What the teacher applies to its logits: <c>none</c>, <c>softmax</c> or <c>sigmoid</c>. Methods need logits, so
    /// a softmax or sigmoid that is stated here is undone.
    /// </summary>
    public FinalActivation FinalActivation { get; init; }

    public override ITeacher Open(DatasetInfo data, torch.Device device) => new OnnxTeacher(this, data, device);
}

/// <summary>The outputs of a graph by what they are. What is not named is not available.</summary>
public sealed record OnnxOutputNames
{
    /// <summary>The output with the logits. [N, C]</summary>
    [JsonPropertyName("logits")]
    public string? Logits { get; init; }

    /// <summary>The output with the embedding. [N, D]</summary>
    [JsonPropertyName("embedding")]
    public string? Embedding { get; init; }

    /// <summary>The outputs with each layer's or stage's result, in order. [N, T, D], [N, C, H, W] or [N, D]</summary>
    [JsonPropertyName("hidden_states")]
    public IReadOnlyList<string> HiddenStates { get; init; } = [];

    /// <summary>The outputs with each layer's attention probabilities, in order. [N, H, T, T]</summary>
    [JsonPropertyName("attentions")]
    public IReadOnlyList<string> Attentions { get; init; } = [];

    /// <summary>The output with the last layer's vector of each token. [N, T, D]</summary>
    [JsonPropertyName("token_embeddings")]
    public string? TokenEmbeddings { get; init; }

    /// <summary>The outputs that are named, in the order of <see cref="Output.All"/>: a name a layer.</summary>
    internal IReadOnlyList<(OutputKey Key, IReadOnlyList<string> Names)> Named
    {
        get
        {
            (OutputKey Key, IReadOnlyList<string> Names)[] all =
            [
                (Output.Logits, One(Logits)),
                (Output.Embedding, One(Embedding)),
                (Output.HiddenStates, HiddenStates),
                (Output.Attentions, Attentions),
                (Output.TokenEmbeddings, One(TokenEmbeddings)),
            ];
            return [.. all.Where(output => output.Names.Count > 0)];
        }
    }

    static string[] One(string? name) => name is null ? [] : [name];
}
