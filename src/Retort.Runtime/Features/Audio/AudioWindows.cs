namespace Retort.Runtime.Features.Audio;

/// <summary>
/// Cuts sound into windows at a fixed hop, as OpenL3 does: half a window of silence comes first, so that the first
/// window is centred on the first sample, and silence fills the last one. Sound may come in chunks of any length; the
/// windows are the same as those of the whole. The silence at the beginning can be left out.
/// </summary>
public sealed class AudioWindows
{
    readonly int _size;
    readonly int _hop;
    readonly List<float> _samples = [];                                    // from the next window's first on
    bool _hasWindow;                                                       // whether one was returned
    bool _isComplete;

    /// <summary>Begins a stream.</summary>
    /// <param name="size">The samples of a window.</param>
    /// <param name="hop">The samples from one window's beginning to the next one's.</param>
    /// <param name="isCentered">Whether half a window of silence comes first.</param>
    public AudioWindows(int size, int hop, bool isCentered = true)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(hop, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(hop, size);
        (_size, _hop) = (size, hop);
        if (isCentered) _samples.AddRange(new float[size / 2]);
    }

    /// <summary>The windows of a whole sound, at least one. [size] each</summary>
    public static List<float[]> Of(ReadOnlySpan<float> samples, int size, int hop)
    {
        var windows = new AudioWindows(size, hop);
        return [.. windows.Add(samples), .. windows.Complete()];
    }

    /// <summary>Takes the next samples, and returns the windows that are full.</summary>
    /// <exception cref="InvalidOperationException">The stream is over.</exception>
    public List<float[]> Add(ReadOnlySpan<float> samples)
    {
        CheckOpen();
        _samples.AddRange(samples);
        var windows = new List<float[]>();
        var from = 0;
        for (; _samples.Count - from >= _size; from += _hop)
            windows.Add([.. _samples.Slice(from, _size)]);
        _samples.RemoveRange(0, from);
        _hasWindow |= windows.Count > 0;
        return windows;
    }

    /// <summary>
    /// Returns the last window, filled up with silence, unless all samples were in others. The stream is over then.
    /// </summary>
    /// <exception cref="InvalidOperationException">It was over already.</exception>
    public List<float[]> Complete()
    {
        CheckOpen();
        _isComplete = true;
        var isCovered = _hasWindow && _samples.Count <= _size - _hop;
        if (isCovered) return [];

        var last = new float[_size];
        _samples.CopyTo(last);
        return [last];
    }

    void CheckOpen()
    {
        if (_isComplete) throw new InvalidOperationException(
            "The stream of these AudioWindows is over: make others for other sound.");
    }
}
