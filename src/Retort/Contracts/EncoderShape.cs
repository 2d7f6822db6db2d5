namespace Retort.Contracts;

/// <summary>
/// The layers, heads and neurons of an encoder, and the names of its parameters that belong to them: enough to cut an
/// encoder with fewer of them out of it.
/// </summary>
public sealed record EncoderShape
{
    /// <summary>L: the number of layers.</summary>
    public required int Layers { get; init; }

    /// <summary>D: the width of a token's vector.</summary>
    public required int Width { get; init; }

    /// <summary>H: the attention heads of a layer.</summary>
    public required int Heads { get; init; }

    /// <summary>I: the neurons of a layer, between its two linear layers.</summary>
    public required int Neurons { get; init; }

    /// <summary>
    /// The options of the same encoder with other numbers of layers, heads and neurons; heads keep their width. With
    /// its own numbers it is the encoder itself, so that two encoders can be compared.
    /// </summary>
    public required Func<int, int, int, ModelOptions> Resize { get; init; }

    /// <summary>
    /// The beginning of the names of a layer's parameters, before the layer's index and a dot:
    /// <c>bert.encoder.layer.</c>
    /// </summary>
    public required string LayerPrefix { get; init; }

    /// <summary>A layer's parameters whose first axis counts heads times their width.</summary>
    public required IReadOnlyList<string> HeadRows { get; init; }

    /// <summary>The parameter of a layer whose second axis counts heads times their width.</summary>
    public required string HeadColumns { get; init; }

    /// <summary>A layer's parameters whose first axis counts neurons.</summary>
    public required IReadOnlyList<string> NeuronRows { get; init; }

    /// <summary>The parameter of a layer whose second axis counts neurons.</summary>
    public required string NeuronColumns { get; init; }
}
