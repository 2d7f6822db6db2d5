using System.Buffers;

namespace Retort.Data.Augmentation;

/// <summary>
/// Each example is mixed with another of its batch, λ x + (1 - λ) x', and so are the labels (arXiv:1710.09412, §2).
/// One λ a batch, from Beta(α, α), as in the authors' code.
/// </summary>
public sealed record MixupOptions : AugmentationOptions
{
    /// <summary>α. 1 draws λ uniformly; small values leave most batches nearly as they are.</summary>
    [Positive] public double Alpha { get; init; } = 1.0;

    internal override bool MixesExamples => true;

    public override void Mix(Span<float> values, HostBatch batch, ref RandomStream chance)
    {
        var share = (float)chance.Beta(Alpha);
        int[] partners = [.. Enumerable.Range(0, batch.Count)];
        chance.Shuffle(partners);
        Blend(values, partners, share);
        batch.LabelShare = share;
        for (var i = 0; i < partners.Length; i++) batch.OtherLabels[i] = batch.Labels[partners[i]];
    }

    /// <summary>x_i becomes share · x_i + (1 - share) · x_partner(i).</summary>
    internal static void Blend(Span<float> values, ReadOnlySpan<int> partners, float share)
    {
        var size = values.Length / partners.Length;
        var before = ArrayPool<float>.Shared.Rent(values.Length);
        values.CopyTo(before);
        for (var i = 0; i < partners.Length; i++)
        {
            var own = values.Slice(i * size, size);
            var other = before.AsSpan(partners[i] * size, size);
            for (var k = 0; k < size; k++) own[k] = share * own[k] + (1 - share) * other[k];
        }
        ArrayPool<float>.Shared.Return(before);
    }
}
