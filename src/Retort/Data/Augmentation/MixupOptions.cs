using System.Buffers;

namespace Retort.Data.Augmentation;

/// <summary>
/// Mixes each example with another one of its batch, λ x + (1 - λ) x', and their labels likewise (arXiv:1710.09412,
/// §2). One λ per batch is drawn from Beta(α, α), as in the authors' code.
/// </summary>
public sealed record MixupOptions : AugmentationOptions
{
    /// <summary>α. 1 draws λ uniformly; small values leave most batches almost unchanged.</summary>
    [Positive] public double Alpha { get; init; } = 1.0;

    internal override bool MixesExamples => true;

    public override void Mix(Span<float> values, HostBatch batch, ref RandomStream random)
    {
        var lambda = (float)random.Beta(Alpha);
        var partners = random.Permutation(batch.Count);

        Blend(values, partners, lambda);
        batch.LabelShare = lambda;
        for (var i = 0; i < partners.Length; i++) batch.OtherLabels[i] = batch.Labels[partners[i]];
    }

    /// <summary>x_i becomes λ · x_i + (1 - λ) · x_partner(i).</summary>
    internal static void Blend(Span<float> values, ReadOnlySpan<int> partners, float lambda)
    {
        var size = values.Length / partners.Length;
        var before = ArrayPool<float>.Shared.Rent(values.Length);
        values.CopyTo(before);
        for (var i = 0; i < partners.Length; i++)
        {
            var own = values.Slice(i * size, size);
            var other = before.AsSpan(partners[i] * size, size);
            for (var k = 0; k < size; k++) own[k] = lambda * own[k] + (1 - lambda) * other[k];
        }
        ArrayPool<float>.Shared.Return(before);
    }
}
