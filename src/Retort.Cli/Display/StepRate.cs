using System.Globalization;

namespace Retort.Cli.Display;

/// <summary>How fast a part goes on, from when it was last heard of: the mean of its last half minute.</summary>
sealed class StepRate(TimeProvider clock)
{
    static readonly TimeSpan Window = TimeSpan.FromSeconds(30);
    readonly Queue<(long At, long Step)> _heard = new();

    /// <summary>Steps a second; null until two reports came.</summary>
    public double? Rate { get; private set; }

    /// <summary>Takes note of the steps done.</summary>
    public void Heard(long step)
    {
        var now = clock.GetTimestamp();
        while (_heard.Count > 1 && clock.GetElapsedTime(_heard.Peek().At, now) > Window) _heard.Dequeue();
        if (_heard.TryPeek(out var first) && clock.GetElapsedTime(first.At, now) is { Ticks: > 0 } since && step > first.Step)
            Rate = (step - first.Step) / since.TotalSeconds;
        _heard.Enqueue((now, step));
    }

    /// <summary>What is left at this rate, in words; empty while that cannot be said.</summary>
    public string Left(long steps) => Rate is > 0 and var rate ? Written(TimeSpan.FromSeconds(steps / rate)) : "";

    /// <summary>A rate in words.</summary>
    public string Words => Rate is { } rate ? rate.ToString(rate >= 10 ? "N0" : "0.0", CultureInfo.InvariantCulture) + " steps/s" : "";

    /// <summary>A duration as a person says it: 8 s, 2 min 5 s, 3 h 10 min.</summary>
    public static string Written(TimeSpan time) => time switch
    {
        { TotalSeconds: < 59.5 } => FormattableString.Invariant($"{time.TotalSeconds:0} s"),
        { TotalMinutes: < 60 } => FormattableString.Invariant($"{(int)time.TotalMinutes} min {time.Seconds} s"),
        _ => FormattableString.Invariant($"{(int)time.TotalHours} h {time.Minutes} min"),
    };
}
