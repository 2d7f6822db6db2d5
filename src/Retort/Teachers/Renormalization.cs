namespace Retort.Teachers;

/// <summary>
/// From inputs normalized as the recipe's data to inputs normalized as the teacher's: y = a x + b, channel by channel.
/// A column of a table is a channel. Inputs without a normalization are copied as they are.
/// </summary>
/// <remarks>The result never shares memory with the batch, so that a teacher cannot change it.</remarks>
sealed class Renormalization : IDisposable
{
    readonly string? _input;                                               // the input that is renormalized
    readonly Tensor? _factor;                                              // [1, C, 1, 1]
    readonly Tensor? _offset;                                              // [1, C, 1, 1]

    /// <param name="inputs">The teacher's inputs, normalized as in the batches.</param>
    /// <param name="own">The teacher's normalization; null: the same.</param>
    /// <param name="device">The device of the batches.</param>
    public Renormalization(IReadOnlyList<TensorSpec> inputs, Normalization? own, torch.Device device)
    {
        Own = own;
        if (own is null) return;

        var (name, data) = Normalized(inputs);
        var channels = data.Mean.Count;
        if (own.Mean.Count != channels || own.StandardDeviation.Count != channels) throw new InvalidOperationException(
            "The teacher's normalization must have one mean and one standard deviation for each of the data's "
            + $"{channels} channels; it has {own.Mean.Count} and {own.StandardDeviation.Count}.");

        var scale = data.Scale / own.Scale;
        using var scope = torch.NewDisposeScope();
        _input = name;
        _factor = Channels(c => data.StandardDeviation[c] * scale / own.StandardDeviation[c]);
        _offset = Channels(c => (data.Mean[c] * scale - own.Mean[c]) / own.StandardDeviation[c]);

        Tensor Channels(Func<int, double> value)
        {
            var values = torch.tensor([.. Enumerable.Range(0, channels).Select(c => (float)value(c))]);
            return values.reshape(1, -1, 1, 1).to(device).DetachFromDisposeScope();
        }
    }

    /// <summary>The teacher's own normalization; null where it states none.</summary>
    public Normalization? Own { get; }

    /// <summary>All inputs, copied; the normalized one in the teacher's normalization.</summary>
    public Inputs Apply(Inputs inputs) =>
        new([.. inputs.Parts.Select(part => (part.Name, Apply(part.Name, part.Value)))]);

    /// <summary>One input, copied. [B, C, H, W] or [B, D] → the same shape; of others any shape</summary>
    public Tensor Apply(string name, Tensor x)
    {
        if (name != _input) return x.clone();
        return x.dim() == 4 ? x.Times(_factor!).Add(_offset!)
            : x.reshape(x.size(0), -1, 1, 1).Times(_factor!).Add(_offset!).reshape(x.shape);
    }

    public void Dispose()
    {
        _factor?.Dispose();
        _offset?.Dispose();
    }

    static (string Name, Normalization Data) Normalized(IReadOnlyList<TensorSpec> inputs)
    {
        var normalized = inputs.Where(input => input.Normalization is not null).ToList();
        if (normalized is [{ Normalization: { } data } only]) return (only.Name, data);

        var names = normalized.Count == 0 ? "none" : string.Join(", ", normalized.Select(input => input.Name));
        throw new InvalidOperationException(
            $"The teacher's option \"normalization\" needs one input that the data normalizes; it normalizes {names}.");
    }
}
