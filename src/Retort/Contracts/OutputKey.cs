namespace Retort.Contracts;

/// <summary>The key of one output of networks and teachers. <see cref="Output"/> lists them all.</summary>
/// <param name="Index">Its position in <see cref="Output.All"/>.</param>
/// <param name="Name">Its name in files, graphs and messages: <c>hidden_states</c>.</param>
/// <param name="Title">Its name in a sentence: hidden states.</param>
/// <param name="Axes">What each axis counts, the batch first; several lists where tensors of several ranks are
/// valid.</param>
/// <param name="PerLayer">Whether it is a list with a tensor for each layer.</param>
public sealed record OutputKey(
    int Index, string Name, string Title, IReadOnlyList<IReadOnlyList<string>> Axes, bool PerLayer = false)
{
    /// <summary>The name of the axis that counts tokens: its size varies from batch to batch.</summary>
    public const string Sequence = "sequence";

    /// <summary>The set of both.</summary>
    public static OutputSet operator |(OutputKey one, OutputKey other) => (OutputSet)one | other;

    /// <summary>The axes of a tensor of this rank.</summary>
    /// <exception cref="InvalidDataException">The output has no tensor of this rank.</exception>
    public IReadOnlyList<string> AxesOf(int rank) => Axes.FirstOrDefault(form => form.Count == rank)
        ?? throw new InvalidDataException(
            $"{Name} must be {string.Join(" or ", Axes.Select(form => $"[{string.Join(", ", form)}]"))}; "
            + $"a tensor of {rank} axes came.");

    /// <summary>
    /// The name of a layer in files and graphs: <c>hidden_states.2</c>; the key's own name where it is no list.
    /// </summary>
    public string LayerName(int layer) => PerLayer ? Invariant($"{Name}.{layer}") : Name;

    public override string ToString() => Name;

    public bool Equals(OutputKey? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => Index;
}

/// <summary>All outputs. A key that is added here can be computed, cached, exported and predicted.</summary>
public static class Output
{
    /// <summary>Scores before softmax or sigmoid, or regressed values. [B, C]</summary>
    public static OutputKey Logits { get; } = new(0, "logits", "logits", [["batch", "class"]]);

    /// <summary>One vector per example: the input of the head, or the pooled output. [B, D]</summary>
    public static OutputKey Embedding { get; } = new(1, "embedding", "embedding", [["batch", "width"]]);

    /// <summary>The result of each layer or stage, in order. [B, T, D], [B, C, H, W] or [B, D]</summary>
    public static OutputKey HiddenStates { get; } = new(2, "hidden_states", "hidden states",
        [["batch", OutputKey.Sequence, "width"], ["batch", "channel", "height", "width"], ["batch", "width"]],
        PerLayer: true);

    /// <summary>The attention probabilities of each layer, in order. [B, H, T, T]</summary>
    public static OutputKey Attentions { get; } = new(3, "attentions", "attentions",
        [["batch", "head", OutputKey.Sequence, OutputKey.Sequence]], PerLayer: true);

    /// <summary>The last layer's vector of each token. [B, T, D]</summary>
    public static OutputKey TokenEmbeddings { get; } = new(4, "token_embeddings", "token embeddings",
        [["batch", OutputKey.Sequence, "width"]]);

    /// <summary>The action of a deterministic policy, in the environment's units. [B, A]</summary>
    public static OutputKey Action { get; } = new(5, "action", "action", [["batch", "action"]]);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<OutputKey> All { get; } =
        [Logits, Embedding, HiddenStates, Attentions, TokenEmbeddings, Action];

    /// <summary>The key of this name, or of a layer of it (<c>hidden_states.2</c>); null where there is none.</summary>
    public static OutputKey? Named(string name)
    {
        var stem = name.Split('.')[0];
        return All.FirstOrDefault(key => key.Name == stem && (key.PerLayer || stem == name));
    }
}
