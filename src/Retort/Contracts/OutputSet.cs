namespace Retort.Contracts;

/// <summary>A set of outputs. An output that no method requires is not computed, cached or exported.</summary>
public readonly record struct OutputSet
{
    readonly ulong _bits;

    OutputSet(ulong bits) => _bits = bits;

    /// <summary>The empty set.</summary>
    public static OutputSet None => default;

    /// <summary>Whether the set is empty.</summary>
    public bool IsEmpty => _bits == 0;

    /// <summary>The outputs in the order of <see cref="Output.All"/>.</summary>
    public IEnumerable<OutputKey> Keys
    {
        get
        {
            var bits = _bits;
            return Output.All.Where(key => (bits >> key.Index & 1) == 1);
        }
    }

    /// <summary>The set of one output.</summary>
    public static implicit operator OutputSet(OutputKey key) => new(1UL << key.Index);

    /// <summary>The set of these outputs.</summary>
    internal static OutputSet Of(IEnumerable<OutputKey> keys) => keys.Aggregate(None, (all, key) => all | key);

    /// <summary>The union.</summary>
    public static OutputSet operator |(OutputSet one, OutputSet other) => new(one._bits | other._bits);

    /// <summary>Whether an output is in the set.</summary>
    public bool Contains(OutputKey key) => (_bits >> key.Index & 1) == 1;

    /// <summary>The outputs of this set that are not in the other.</summary>
    public OutputSet Except(OutputSet other) => new(_bits & ~other._bits);

    /// <summary>As messages list it: logits, hidden states.</summary>
    public override string ToString() => IsEmpty ? "nothing" : string.Join(", ", Keys.Select(key => key.Title));
}
