using Retort.Training;
using static System.FormattableString;

namespace Retort.Cli.Display;

/// <summary>How many trainings of a run are done, and the time that the others will take.</summary>
sealed class RunEstimate(TimeProvider clock)
{
    const double FewestSteps = 0.02;                         // of a network: before, its time is a guess

    readonly Dictionary<string, Watch> _networks = [];
    RunProgress? _run;

    sealed record Watch(long Start, string Kind, string Network)
    {
        public TimeSpan Elapsed { get; set; }
        public double Share { get; set; }                    // of its steps, since the watch began
        public double First { get; init; }
        public bool IsDone { get; set; }

        public double Seconds => Elapsed.TotalSeconds / Share;

        /// <summary>The seconds to its end, where others of its kind took <paramref name="each"/>.</summary>
        public double Left(double each) =>
            Math.Max((Share > FewestSteps ? Seconds : each) - Elapsed.TotalSeconds, 0);

        public double End(TimeProvider clock) => (double)Start / clock.TimestampFrequency + Elapsed.TotalSeconds;
    }

    /// <summary>Notes a report of the run or of one of its networks.</summary>
    public void Update(TrainingProgress value)
    {
        _run = value.Run ?? _run;
        if (value.Run is not null || double.IsNaN(value.Loss) || value.Steps == 0) return;

        var share = (double)value.Step / value.Steps;
        if (!_networks.TryGetValue(value.Part, out var watch))
            _networks[value.Part] = watch = WatchOf(value.Part, share);
        watch.Elapsed = clock.GetElapsedTime(watch.Start);
        watch.Share = share - watch.First;
        watch.IsDone = value.Step == value.Steps;
    }

    // parts of one network: student-seed1 and student-seed1/without-retrieval, but not search/student-001 and others
    Watch WatchOf(string part, double share)
    {
        var kind = RunProgress.KindOf(part);
        var end = part.IndexOf('/', kind.Length);
        return new(clock.GetTimestamp(), kind, end < 0 ? part : part[..end]) { First = share };
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
        var unsaved = Unsaved(run, running);
        var (seconds, waiting, longest) = (0.0, 0, 0.0);
        foreach (var (kind, count) in run.Open)
        {
            if (SecondsOf(kind) is not { } each) return null;

            var left = running.Where(watch => watch.Kind == kind).Select(watch => watch.Left(each)).ToList();
            var others = Math.Max(count - left.Count - unsaved.Count(watch => watch.Kind == kind), 0);
            waiting += others;
            seconds += others * each + left.Sum();
            longest = left.Append(longest).Max();
        }
        var atOnce = Math.Min(running.Count + unsaved.Count, running.Count + waiting);
        return TimeSpan.FromSeconds(Math.Max(seconds / Math.Max(atOnce, 1), longest));
    }

    // trained to the end, but open until their files are written; not those of which another part is running
    List<Watch> Unsaved(RunProgress run, List<Watch> running)
    {
        var done = _networks.Values.Except(running).OrderByDescending(watch => watch.End(clock))
            .DistinctBy(watch => watch.Network).ExceptBy(running.Select(watch => watch.Network), watch => watch.Network)
            .ToList();
        return [.. done.Take(Math.Max(done.Count - run.Done, 0))];
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
        var seen = _networks.Values.Where(watch => watch.Kind == kind && watch.Share > FewestSteps)
            .GroupBy(watch => watch.Network).Select(parts => parts.Sum(watch => watch.Seconds)).ToList();
        return seen.Count == 0 ? null : seen.Average();
    }
}
