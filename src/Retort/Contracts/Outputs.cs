using System.Diagnostics.CodeAnalysis;

namespace Retort.Contracts;

/// <summary>What a network answered; only what was asked for is there.</summary>
public sealed class Outputs
{
    readonly Tensor? _logits;
    readonly Tensor? _embedding;
    readonly IReadOnlyList<Tensor>? _hidden;
    readonly Outputs? _average;

    /// <inheritdoc cref="OutputSet.Logits"/>
    [AllowNull] public Tensor Logits { get => _logits ?? throw NotAsked(OutputSet.Logits); init => _logits = value; }

    /// <inheritdoc cref="OutputSet.Embedding"/>
    [AllowNull] public Tensor Embedding { get => _embedding ?? throw NotAsked(OutputSet.Embedding); init => _embedding = value; }

    /// <inheritdoc cref="OutputSet.HiddenStates"/>
    [AllowNull] public IReadOnlyList<Tensor> HiddenStates { get => _hidden ?? throw NotAsked(OutputSet.HiddenStates); init => _hidden = value; }

    /// <summary>What the student's moving average answered to the same batch, without gradient; there where a method's needs ask for it.</summary>
    [AllowNull]
    public Outputs Ema
    {
        get => _average ?? throw new InvalidOperationException("The average was not asked for: say what of it in Ema of the method's Requires.");
        init => _average = value;
    }

    /// <summary>The same answer with the average's beside it.</summary>
    internal Outputs With(Outputs average) => new() { Logits = _logits, Embedding = _embedding, HiddenStates = _hidden, Ema = average };

    /// <summary>All that is there.</summary>
    internal IEnumerable<Tensor> Tensors => new[] { _logits, _embedding }.OfType<Tensor>().Concat(_hidden ?? []);

    static InvalidOperationException NotAsked(OutputSet signal) =>
        new($"{signal} was not asked for: add OutputSet.{signal} to the method's Requires.");
}
