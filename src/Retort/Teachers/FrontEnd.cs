using TorchSharp;

namespace Retort.Teachers;

/// <summary>
/// From pictures normalised as the recipe's data to pictures normalised as the teacher's were: y = a x + b, channel by
/// channel. Nothing where the two agree.
/// </summary>
sealed class FrontEnd : IDisposable
{
    readonly Tensor? _factor;                                              // [1, C, 1, 1]
    readonly Tensor? _offset;

    /// <param name="data">How the batch's pictures were normalised.</param>
    /// <param name="own">How the teacher's were; null: the same way.</param>
    /// <param name="device">Where the batches are.</param>
    public FrontEnd(Normalisation? data, Normalisation? own, torch.Device device)
    {
        if (own is null) return;
        if (data is null)
            throw new InvalidOperationException("The teacher states a normalisation of its pictures; the data has none to go back from: give the data one.");
        var channels = data.Mean.Count;
        if (own.Mean.Count != channels || own.Deviation.Count != channels) throw new InvalidOperationException(
            $"The teacher's normalisation must have one mean and one deviation for each of the data's {channels} channels; it has {own.Mean.Count} and {own.Deviation.Count}.");
        var scale = data.Scale / own.Scale;
        using var scope = torch.NewDisposeScope();
        _factor = Channels(c => data.Deviation[c] * scale / own.Deviation[c]);
        _offset = Channels(c => (data.Mean[c] * scale - own.Mean[c]) / own.Deviation[c]);

        Tensor Channels(Func<int, double> value) =>
            torch.tensor([.. Enumerable.Range(0, channels).Select(c => (float)value(c))]).reshape(1, -1, 1, 1).to(device).DetachFromDisposeScope();
    }

    /// <summary>[B, C, H, W] → [B, C, H, W]</summary>
    public Tensor Apply(Tensor pixels) => _factor is null ? pixels : pixels.Times(_factor).Add(_offset!);

    public void Dispose()
    {
        _factor?.Dispose();
        _offset?.Dispose();
    }
}
