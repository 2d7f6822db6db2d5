using Retort.Training;
using static System.FormattableString;

namespace Retort.Cli.Display;

/// <summary>How many trainings of a run are done, and the time that the others will take.</summary>
sealed class RunEstimate(TimeProvider clock)
{
    const double FewestSteps = 0.02;                         // of a network: before, its time is a guess

    readonly Dictionary<string, Watch> _networks = [];
    RunProgress? _run;

    sealed record Watch(long Start, string Kind)
    {
        public TimeSpan Elapsed { get; set; }
        public double Share { get; set; }                    // of its steps, since the watch began
        public double First { get; init; }
        public bool IsDone { get; set; }

        public double Seconds => Elapsed.TotalSeconds / Share;
    }

    /// <summary>Notes a report of the run or of one of its networks.</summary>
    public void Update(TrainingProgress value)
    {
        _run = value.Run ?? _run;
        if (value.Run is not null || double.IsNaN(value.Loss) || value.Steps == 0) return;

        var share = (double)value.Step / value.Steps;
        if (!_networks.TryGetValue(value.Part, out var watch))
            _networks[value.Part] = watch = new(clock.GetTimestamp(), RunProgress.KindOf(value.Part)) { First = share };
        watch.Elapsed = clock.GetElapsedTime(watch.Start);
        watch.Share = share - watch.First;
        watch.IsDone = value.Step == value.Steps;
    }

    /// <summary>Such as <c>3 of 7 trainings, 2 min left</c>; empty where there is one training or none.</summary>
    public string Text
    {
        get
        {
            if (_run is not { Networks: > 1 } run) return "";

            var left = Left(run) is { TotalSeconds: > 1 } time ? $", {NumberFormat.Duration(time)} left" : "";
            return run.Done < run.Networks ? Invariant($"{run.Done} of {run.Networks} trainings{left}") : "";
        }
    }

    // null while a kind that is open has not been seen, nor one that takes about as long
    TimeSpan? Left(RunProgress run)
    {
        var running = _networks.Values.Where(watch => !watch.IsDone).ToList();
        var seconds = -running.Concat(Unsaved(run)).Sum(watch => watch.Elapsed.TotalSeconds);
        foreach (var (kind, count) in run.Open)
        {
            if (SecondsOf(kind) is not { } each) return null;
            seconds += count * each;
        }
        return TimeSpan.FromSeconds(Math.Max(seconds, 0) / Math.Max(running.Count, 1));
    }

    // trained to the end, but open until their files are written
    IEnumerable<Watch> Unsaved(RunProgress run)
    {
        var done = _networks.Values.Where(watch => watch.IsDone).ToList();
        return done.OrderByDescending(watch => watch.Start + watch.Elapsed.TotalSeconds * clock.TimestampFrequency)
            .Take(Math.Max(done.Count - run.Done, 0));
    }

    double? SecondsOf(string kind) => Mean(kind) ?? Mean(kind switch
    {
        "control" => "student",
        "student" => "control",
        "search/control" => "search/student",
        "search/student" => "search/control",
        _ => kind,
    }) ?? (kind.StartsWith("search/", StringComparison.Ordinal) ? null : Mean($"search/{kind}"));

    double? Mean(string kind)
    {
        var seen = _networks.Values.Where(watch => watch.Kind == kind && watch.Share > FewestSteps).ToList();
        return seen.Count == 0 ? null : seen.Average(watch => watch.Seconds);
    }
}
