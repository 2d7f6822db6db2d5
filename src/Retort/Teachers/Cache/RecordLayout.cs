namespace Retort.Teachers.Cache;

/// <summary>Where a signal stands in a record.</summary>
sealed record CacheField(CachedOutput Signal, Codec Codec, int Offset)
{
    public int Width { get; } = Signal.Width;

    /// <summary>Its bytes of a record.</summary>
    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> record) => record.Slice(Offset, Codec.Bytes);

    /// <inheritdoc cref="Of(ReadOnlySpan{byte})"/>
    public Span<byte> Of(Span<byte> record) => record.Slice(Offset, Codec.Bytes);

    /// <summary>This field of a teacher's outputs. [B, shape]</summary>
    public Tensor In(Outputs outputs) => outputs.Layers(Signal.Key)[Signal.Layer];
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

    /// <summary>The wanted outputs of a teacher for a batch, a field for each layer.</summary>
    public static IReadOnlyList<CachedOutput> OutputsOf(Outputs outputs, OutputSet wanted) =>
    [
        .. from key in wanted.Keys
           from layer in outputs.Layers(key).Index()
           select new CachedOutput(CachedOutput.NameOf(key, layer.Index), [.. layer.Item.shape[1..].Select(axis => (int)axis)]),
    ];

    /// <summary>The keys of these fields.</summary>
    public static OutputSet KeysOf(IEnumerable<CachedOutput> outputs) =>
        outputs.Aggregate(OutputSet.None, (all, output) => all | output.Key);
}
