namespace Retort.Teachers.Cache;

/// <summary>The place of an output in a record.</summary>
sealed record CacheField(CachedOutput Output, Codec Codec, int Offset)
{
    /// <summary>Numbers of one example, padding included.</summary>
    public int Width { get; } = Output.Width;

    /// <summary>Its bytes of a record.</summary>
    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> record) => record.Slice(Offset, Codec.Bytes);

    /// <inheritdoc cref="Of(ReadOnlySpan{byte})"/>
    public Span<byte> Of(Span<byte> record) => record.Slice(Offset, Codec.Bytes);

    /// <summary>This field of a teacher's outputs. [B, shape]</summary>
    public Tensor In(Outputs outputs) => outputs.Layers(Output.Key)[Output.Layer];
}

/// <summary>The record of one example: its outputs one after another, then 4 bytes of CRC.</summary>
sealed class RecordLayout
{
    /// <summary>The most bytes of a record: for more, running the teacher again is better.</summary>
    public const int MaxBytes = 16_000_000;

    public RecordLayout(IReadOnlyList<CachedOutput> outputs, CodecOptions options)
    {
        var (fields, offset) = (new List<CacheField>(), 0L);
        foreach (var output in outputs)
        {
            var count = output.Shape.Aggregate(1L, (product, axis) => Math.Min(product * axis, int.MaxValue));
            if (offset + 4 * count > MaxBytes) throw new InvalidOperationException(
                $"One example's {string.Join(", ", outputs)} would take more than {MaxBytes / 1_000_000} MB in a "
                + "cache: use the teacher without a cache, or choose a method that needs less of it.");
            fields.Add(new(output, options.For(output), (int)offset));
            offset += fields[^1].Codec.Bytes;
        }
        (Fields, Payload) = (fields, (int)offset);
    }

    public IReadOnlyList<CacheField> Fields { get; }

    /// <summary>Bytes before the CRC.</summary>
    public int Payload { get; }

    /// <summary>Bytes in all.</summary>
    public int Bytes => Payload + sizeof(uint);

    /// <summary>The wanted outputs of a teacher for one batch, as a cache holds them.</summary>
    /// <param name="outputs">The teacher's outputs for the batch.</param>
    /// <param name="wanted">Which of them.</param>
    /// <param name="inputs">The specs of the teacher's inputs.</param>
    /// <param name="batch">The batch.</param>
    /// <exception cref="InvalidOperationException">A size varies in a way that a cache cannot follow.</exception>
    public static IReadOnlyList<CachedOutput> OutputsOf(
        Outputs outputs, OutputSet wanted, IReadOnlyList<TensorSpec> inputs, Batch batch)
    {
        var sequence = SequenceAxis.Find(inputs);
        return
        [
            .. from key in wanted.Keys
               from layer in outputs.Layers(key).Index()
               select OutputOf(key, key.LayerName(layer.Index), layer.Item.shape),
        ];

        CachedOutput OutputOf(OutputKey key, string name, long[] shape)
        {
            var axes = key.AxesOf(shape.Length);
            var follows = Enumerable.Range(1, shape.Length - 1).Where(i => axes[i] == OutputKey.Sequence).ToList();
            if (follows.Count > 0 && sequence is null && inputs.FirstOrDefault(input => input.Varies) is { } other)
                throw new InvalidOperationException($"The length of the teacher's {name} varies with {other} and is "
                    + "another, so a cache cannot hold them: use the teacher without a cache.");
            if (follows.Count > 0 && sequence is not null && inputs.Any(input => input.Name == InputNames.PixelValues))
                throw new InvalidOperationException($"The teacher's {name} are of the tokens of texts and images "
                    + "together, which a cache cannot hold: use the teacher without a cache.");
            int[] varying = sequence is null ? []
                : [.. follows.Where(i => shape[i] == sequence.LengthIn(batch.TeacherInputs)).Select(i => i - 1)];
            var sizes = shape[1..].Select((size, i) => varying.Contains(i) ? sequence!.MaxLength : (int)size);
            return new(name, [.. sizes]) { VaryingAxes = varying };
        }
    }

    /// <summary>The keys of these outputs.</summary>
    public static OutputSet KeysOf(IEnumerable<CachedOutput> outputs) =>
        OutputSet.Of(outputs.Select(output => output.Key));
}
