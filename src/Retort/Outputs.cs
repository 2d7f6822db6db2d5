using System.Diagnostics.CodeAnalysis;

namespace Retort;

/// <summary>What a network answered; only what was asked for is there.</summary>
public sealed class Outputs
{
    /// <inheritdoc cref="Signals.Logits"/>
    [AllowNull] public Tensor Logits { get => field ?? throw NotAsked(Signals.Logits); init; }

    /// <inheritdoc cref="Signals.Embedding"/>
    [AllowNull] public Tensor Embedding { get => field ?? throw NotAsked(Signals.Embedding); init; }

    /// <inheritdoc cref="Signals.Hidden"/>
    [AllowNull] public IReadOnlyList<Tensor> Hidden { get => field ?? throw NotAsked(Signals.Hidden); init; }

    static InvalidOperationException NotAsked(Signals signal) =>
        new($"{signal} was not asked for: add Signals.{signal} to the method's Needs.");
}
