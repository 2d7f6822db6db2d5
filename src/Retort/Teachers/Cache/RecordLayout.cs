namespace Retort.Teachers.Cache;

/// <summary>Where a signal stands in a record.</summary>
sealed record CacheField(CachedOutput Signal, Codec Codec, int Offset)
{
    public int Width { get; } = Signal.Width;

    /// <summary>Its bytes of a record.</summary>
    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> record) => record.Slice(Offset, Codec.Bytes);

    /// <inheritdoc cref="Of(ReadOnlySpan{byte})"/>
    public Span<byte> Of(Span<byte> record) => record.Slice(Offset, Codec.Bytes);

    /// <summary>The signal of an answer. [B, shape]</summary>
    public Tensor In(Outputs answer) => Signal.Name switch
    {
        "logits" => answer.Logits,
        "embedding" => answer.Embedding,
        var name => answer.HiddenStates[int.Parse(name.AsSpan(name.IndexOf('.', StringComparison.Ordinal) + 1), System.Globalization.CultureInfo.InvariantCulture)],
    };
}

/// <summary>What one example's record is made of: its signals one after another, then 4 bytes of CRC.</summary>
sealed class RecordLayout
{
    /// <summary>The most that one record may take: what is larger is better asked again.</summary>
    public const int Most = 16_000_000;

    public RecordLayout(IReadOnlyList<CachedOutput> signals, CodecOptions options)
    {
        var (fields, at) = (new List<CacheField>(), 0L);
        foreach (var signal in signals)
        {
            var numbers = signal.Shape.Aggregate(1L, (product, axis) => Math.Min(product * axis, int.MaxValue));
            if (at + 4 * numbers > Most) throw new InvalidOperationException(
                $"One example's {string.Join(", ", signals)} would take more than {Most / 1_000_000} MB in a cache: ask the teacher itself, or choose a method that needs less of it.");
            fields.Add(new(signal, options.For(signal), (int)at));
            at += fields[^1].Codec.Bytes;
        }
        (Fields, Payload) = (fields, (int)at);
    }

    public IReadOnlyList<CacheField> Fields { get; }

    /// <summary>Bytes before the CRC.</summary>
    public int Payload { get; }

    /// <summary>Bytes in all.</summary>
    public int Bytes => Payload + sizeof(uint);

    /// <summary>What a teacher's answer to a batch has of the signals that are wanted.</summary>
    public static IReadOnlyList<CachedOutput> Signals(Outputs answer, OutputSet wanted)
    {
        var found = new List<CachedOutput>();
        if (wanted.HasFlag(Retort.Contracts.Output.Logits)) Add("logits", answer.Logits);
        if (wanted.HasFlag(Retort.Contracts.Output.Embedding)) Add("embedding", answer.Embedding);
        if (wanted.HasFlag(Retort.Contracts.Output.HiddenStates))
            for (var i = 0; i < answer.HiddenStates.Count; i++) Add(FormattableString.Invariant($"hidden.{i}"), answer.HiddenStates[i]);
        return found;

        void Add(string name, Tensor value) => found.Add(new(name, [.. value.shape[1..].Select(axis => (int)axis)]));
    }

    /// <summary>What these signals are together.</summary>
    public static OutputSet Offered(IEnumerable<CachedOutput> signals) => signals.Aggregate(Retort.Contracts.OutputSet.None, (all, signal) => all | signal.Name switch
    {
        "logits" => Retort.Contracts.Output.Logits,
        "embedding" => Retort.Contracts.Output.Embedding,
        _ => Retort.Contracts.Output.HiddenStates,
    });
}
