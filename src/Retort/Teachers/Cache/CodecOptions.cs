namespace Retort.Teachers.Cache;

/// <summary>The encoding of a cache's numbers, as a recipe names it.</summary>
public abstract record CodecOptions
{
    /// <summary>The encoding as a cache states it.</summary>
    internal abstract string Describe();

    /// <summary>The codec of an output.</summary>
    internal abstract Codec For(CachedOutput output);
}

/// <summary>Every number as it is: 4 bytes each, no error.</summary>
public sealed record Float32Options : CodecOptions
{
    internal override string Describe() => "float32";

    internal override Codec For(CachedOutput output) => new Float32Codec(output.Width);
}

/// <summary>Half the bytes: 11 significant bits, a relative error of at most 2⁻¹¹, numbers up to 65504.</summary>
public sealed record Float16Options : CodecOptions
{
    internal override string Describe() => "float16";

    internal override Codec For(CachedOutput output) => new Float16Codec(output.Width);
}

/// <summary>
/// The k largest logits as they are, and one number for all others, so that softmax keeps the k probabilities and
/// spreads the rest evenly over the other classes. Other outputs are stored as float16.
/// </summary>
public sealed record TopKOptions : CodecOptions
{
    /// <summary>How many classes keep their own logit; fewer than there are.</summary>
    [AtLeast(1)]
    public int K { get; init; } = 10;

    internal override string Describe() => Invariant($"top-k {K}");

    internal override Codec For(CachedOutput output)
    {
        if (output.Key != Output.Logits) return new Float16Codec(output.Width);
        return K < output.Width ? new TopKCodec(output.Width, K) : throw new InvalidOperationException(
            $"The codec top-k must keep fewer logits than there are classes; k is {K}, and the teacher has "
            + $"{output.Width} classes.");
    }
}
