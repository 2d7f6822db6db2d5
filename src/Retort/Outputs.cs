using System.Diagnostics.CodeAnalysis;

namespace Retort;

/// <summary>What a network answered; only what was asked for is there.</summary>
public sealed class Outputs
{
    readonly Tensor? _logits;
    readonly Tensor? _embedding;
    readonly IReadOnlyList<Tensor>? _hidden;

    /// <inheritdoc cref="Signals.Logits"/>
    [AllowNull] public Tensor Logits { get => _logits ?? throw NotAsked(Signals.Logits); init => _logits = value; }

    /// <inheritdoc cref="Signals.Embedding"/>
    [AllowNull] public Tensor Embedding { get => _embedding ?? throw NotAsked(Signals.Embedding); init => _embedding = value; }

    /// <inheritdoc cref="Signals.Hidden"/>
    [AllowNull] public IReadOnlyList<Tensor> Hidden { get => _hidden ?? throw NotAsked(Signals.Hidden); init => _hidden = value; }

    /// <summary>All that is there.</summary>
    internal IEnumerable<Tensor> Tensors => new[] { _logits, _embedding }.OfType<Tensor>().Concat(_hidden ?? []);

    static InvalidOperationException NotAsked(Signals signal) =>
        new($"{signal} was not asked for: add Signals.{signal} to the method's Needs.");
}
