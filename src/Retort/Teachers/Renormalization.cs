using TorchSharp;

namespace Retort.Teachers;

/// <summary>
/// From numbers normalised as the recipe's data to numbers normalised as the teacher's were: y = a x + b, channel by
/// channel; a feature is a channel of one pixel. Nothing where the teacher states none.
/// </summary>
sealed class Renormalization : IDisposable
{
    readonly Tensor? _factor;                                              // [1, C, 1, 1]
    readonly Tensor? _offset;

    /// <param name="data">How the batch's pictures were normalised.</param>
    /// <param name="own">How the teacher's were; null: the same way.</param>
    /// <param name="device">Where the batches are.</param>
    public Renormalization(Normalization? data, Normalization? own, torch.Device device)
    {
        Own = own;
        if (own is null) return;
        if (data is null)
            throw new InvalidOperationException("The teacher states a normalization of its pictures; the data has none to go back from: give the data one.");
        var channels = data.Mean.Count;
        if (own.Mean.Count != channels || own.StandardDeviation.Count != channels) throw new InvalidOperationException(
            $"The teacher's normalization must have one mean and one deviation for each of the data's {channels} channels; it has {own.Mean.Count} and {own.StandardDeviation.Count}.");
        var scale = data.Scale / own.Scale;
        using var scope = torch.NewDisposeScope();
        _factor = Channels(c => data.StandardDeviation[c] * scale / own.StandardDeviation[c]);
        _offset = Channels(c => (data.Mean[c] * scale - own.Mean[c]) / own.StandardDeviation[c]);

        Tensor Channels(Func<int, double> value) =>
            torch.tensor([.. Enumerable.Range(0, channels).Select(c => (float)value(c))]).reshape(1, -1, 1, 1).to(device).DetachFromDisposeScope();
    }

    /// <summary>The teacher's normalization; null where it states none.</summary>
    public Normalization? Own { get; }

    /// <summary>[B, C, H, W] or [B, D] → the same shape</summary>
    public Tensor Apply(Tensor given) => _factor is null ? given
        : given.dim() == 4 ? given.Times(_factor).Add(_offset!)
        : given.reshape(given.size(0), -1, 1, 1).Times(_factor).Add(_offset!).reshape(given.shape);

    public void Dispose()
    {
        _factor?.Dispose();
        _offset?.Dispose();
    }
}
