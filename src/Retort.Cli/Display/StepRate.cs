namespace Retort.Cli.Display;

/// <summary>The steps per second of one network, averaged over the last half minute.</summary>
sealed class StepRate(TimeProvider clock)
{
    static readonly TimeSpan Window = TimeSpan.FromSeconds(30);
    readonly Queue<(long Time, long Step)> _reports = new();
    double? _rate;                                           // steps per second; null until two reports came

    /// <summary>Notes how many steps are done now.</summary>
    public void Update(long step)
    {
        var now = clock.GetTimestamp();
        while (_reports.Count > 1 && clock.GetElapsedTime(_reports.Peek().Time, now) > Window) _reports.Dequeue();

        if (_reports.TryPeek(out var first)
            && clock.GetElapsedTime(first.Time, now) is { Ticks: > 0 } elapsed
            && step > first.Step)
            _rate = (step - first.Step) / elapsed.TotalSeconds;
        _reports.Enqueue((now, step));
    }

    /// <summary>The time that this many steps take, as text; empty while the rate is unknown.</summary>
    public string TimeFor(long steps) => _rate is > 0 and var rate
        ? NumberFormat.Duration(TimeSpan.FromSeconds(steps / rate))
        : "";

    /// <summary>The rate as text; empty while it is unknown.</summary>
    public string Text => _rate is { } rate
        ? (rate >= 10 ? NumberFormat.Count((long)Math.Round(rate)) : NumberFormat.Fixed(rate, 1)) + " steps/s"
        : "";
}
