using System.Diagnostics.CodeAnalysis;

namespace Retort;

/// <summary>What a network answered; only what was asked for is there.</summary>
public sealed class Outputs
{
    readonly Tensor? _logits;
    readonly Tensor? _embedding;
    readonly IReadOnlyList<Tensor>? _hidden;
    readonly Outputs? _average;

    /// <inheritdoc cref="Signals.Logits"/>
    [AllowNull] public Tensor Logits { get => _logits ?? throw NotAsked(Signals.Logits); init => _logits = value; }

    /// <inheritdoc cref="Signals.Embedding"/>
    [AllowNull] public Tensor Embedding { get => _embedding ?? throw NotAsked(Signals.Embedding); init => _embedding = value; }

    /// <inheritdoc cref="Signals.Hidden"/>
    [AllowNull] public IReadOnlyList<Tensor> Hidden { get => _hidden ?? throw NotAsked(Signals.Hidden); init => _hidden = value; }

    /// <summary>What the student's moving average answered to the same batch, without gradient; there where a method's needs ask for it.</summary>
    [AllowNull]
    public Outputs Average
    {
        get => _average ?? throw new InvalidOperationException("The average was not asked for: say what of it in Average of the method's Needs.");
        init => _average = value;
    }

    /// <summary>The same answer with the average's beside it.</summary>
    internal Outputs With(Outputs average) => new() { Logits = _logits, Embedding = _embedding, Hidden = _hidden, Average = average };

    /// <summary>All that is there.</summary>
    internal IEnumerable<Tensor> Tensors => new[] { _logits, _embedding }.OfType<Tensor>().Concat(_hidden ?? []);

    static InvalidOperationException NotAsked(Signals signal) =>
        new($"{signal} was not asked for: add Signals.{signal} to the method's Needs.");
}
