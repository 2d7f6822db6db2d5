using System.Diagnostics.CodeAnalysis;

namespace Retort.Contracts;

/// <summary>What a network or teacher returned; only what was asked for is there.</summary>
public sealed class Outputs
{
    readonly IReadOnlyList<Tensor>?[] _values = new IReadOnlyList<Tensor>?[Output.All.Count];
    readonly Outputs? _ema;

    /// <inheritdoc cref="Output.Logits"/>
    [AllowNull]
    public Tensor Logits { get => this[Output.Logits]; init => Put(Output.Logits, value); }

    /// <inheritdoc cref="Output.Embedding"/>
    [AllowNull]
    public Tensor Embedding { get => this[Output.Embedding]; init => Put(Output.Embedding, value); }

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
    public Tensor TokenEmbeddings { get => this[Output.TokenEmbeddings]; init => Put(Output.TokenEmbeddings, value); }

    /// <summary>
    /// What the student's exponential moving average returned for the same batch, without gradient; there where a
    /// method requires it.
    /// </summary>
    [AllowNull]
    public Outputs Ema
    {
        get => _ema ?? throw new InvalidOperationException(
            "The moving average was not asked for: name its outputs in Ema of the method's Requires.");
        init => _ema = value;
    }

    /// <summary>Outputs from tensors by key; a key that is no list has one tensor.</summary>
    public static Outputs From(IEnumerable<(OutputKey Key, IReadOnlyList<Tensor> Tensors)> values)
    {
        var outputs = new Outputs();
        foreach (var (key, tensors) in values) outputs._values[key.Index] = tensors;
        return outputs;
    }

    /// <summary>The tensor of a key that is no list.</summary>
    public Tensor this[OutputKey key] => Layers(key)[0];

    /// <summary>What is there.</summary>
    public OutputSet Keys => Output.All.Where(Has).Aggregate(OutputSet.None, (all, key) => all | key);

    /// <summary>Whether an output is there.</summary>
    public bool Has(OutputKey key) => _values[key.Index] is not null;

    /// <summary>The tensors of a key: one a layer, or the only one.</summary>
    public IReadOnlyList<Tensor> Layers(OutputKey key) => _values[key.Index]
        ?? throw new InvalidOperationException($"{key.Name} was not asked for: add it to the method's Requires.");

    /// <summary>The same with the moving average's outputs beside them.</summary>
    internal Outputs With(Outputs ema)
    {
        var outputs = new Outputs { Ema = ema };
        _values.CopyTo(outputs._values, 0);
        return outputs;
    }

    /// <summary>All tensors that are there.</summary>
    internal IEnumerable<Tensor> Tensors => _values.SelectMany(tensors => tensors ?? []);

    void Put(OutputKey key, Tensor? value) => _values[key.Index] = value is null ? null : [value];
}
