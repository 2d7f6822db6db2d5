using System.Diagnostics.CodeAnalysis;

namespace Retort.Contracts;

/// <summary>The outputs that a network or teacher returned: those that were wanted, and no others.</summary>
public sealed class Outputs
{
    readonly IReadOnlyList<Tensor>?[] _values = new IReadOnlyList<Tensor>?[Output.All.Count];

    /// <inheritdoc cref="Output.Logits"/>
    [AllowNull]
    public Tensor Logits { get => this[Output.Logits]; init => Set(Output.Logits, value); }

    /// <inheritdoc cref="Output.Embedding"/>
    [AllowNull]
    public Tensor Embedding { get => this[Output.Embedding]; init => Set(Output.Embedding, value); }

    /// <inheritdoc cref="Output.HiddenStates"/>
    [AllowNull]
    public IReadOnlyList<Tensor> HiddenStates
    {
        get => Layers(Output.HiddenStates);
        init => _values[Output.HiddenStates.Index] = value;
    }

    /// <inheritdoc cref="Output.Attentions"/>
    [AllowNull]
    public IReadOnlyList<Tensor> Attentions
    {
        get => Layers(Output.Attentions);
        init => _values[Output.Attentions.Index] = value;
    }

    /// <inheritdoc cref="Output.TokenEmbeddings"/>
    [AllowNull]
    public Tensor TokenEmbeddings { get => this[Output.TokenEmbeddings]; init => Set(Output.TokenEmbeddings, value); }

    /// <inheritdoc cref="Output.Action"/>
    [AllowNull]
    public Tensor Action { get => this[Output.Action]; init => Set(Output.Action, value); }

    /// <summary>
    /// The outputs of the student's exponential moving average for the same batch, without gradient. They exist where
    /// a method requires them.
    /// </summary>
    [AllowNull]
    public Outputs Ema
    {
        get => field ?? throw new InvalidOperationException(
            "The moving average was not computed: name its outputs in Ema of the method's Requires.");
        init;
    }

    /// <summary>
    /// The student's outputs for a second augmented view of the batch's examples, with gradient. They exist where a
    /// method requires them.
    /// </summary>
    [AllowNull]
    public Outputs SecondView
    {
        get => field ?? throw new InvalidOperationException(
            "The second view was not computed: name its outputs in SecondView of the method's Requires.");
        init;
    }

    /// <summary>Outputs from tensors by key; a key without layers has one tensor.</summary>
    public static Outputs From(IEnumerable<(OutputKey Key, IReadOnlyList<Tensor> Tensors)> values)
    {
        var outputs = new Outputs();
        foreach (var (key, tensors) in values) outputs._values[key.Index] = tensors;
        return outputs;
    }

    /// <summary>The tensor of a key without layers.</summary>
    public Tensor this[OutputKey key] => Layers(key)[0];

    /// <summary>The keys of the outputs that exist.</summary>
    public OutputSet Keys => OutputSet.Of(Output.All.Where(Has));

    /// <summary>Whether an output exists.</summary>
    public bool Has(OutputKey key) => _values[key.Index] is not null;

    /// <summary>The tensors of a key: one for each layer, or the only one.</summary>
    public IReadOnlyList<Tensor> Layers(OutputKey key) => _values[key.Index]
        ?? throw new InvalidOperationException($"{key.Name} was not computed: add it to the method's Requires.");

    /// <summary>The same outputs with those of the moving average and of the second view; null for none.</summary>
    internal Outputs With(Outputs? ema, Outputs? secondView = null)
    {
        var outputs = new Outputs { Ema = ema, SecondView = secondView };
        _values.CopyTo(outputs._values, 0);
        return outputs;
    }

    /// <summary>All tensors.</summary>
    internal IEnumerable<Tensor> Tensors => _values.SelectMany(tensors => tensors ?? []);

    void Set(OutputKey key, Tensor? value) => _values[key.Index] = value is null ? null : [value];
}
