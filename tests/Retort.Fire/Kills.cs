using System.Diagnostics;
using System.Runtime.InteropServices;
using Retort.Runs;
using static System.FormattableString;

namespace Retort.Fire;

/// <summary>
/// Kills the real program at random moments of training, caching and export, looks at what is left each time, and
/// brings the work to its end every few kills: it must come out as the work that nobody disturbed, to the bit.
/// </summary>
static class Kills
{
    /// <summary>How many of a phase a whole trial of 300 must have met.</summary>
    const int Least = 30;

    const string Usage = "tests/fire kills [--count 300] [--seed 1] [--log FILE]";

    public static int Run(string[] options)
    {
        if (!OperatingSystem.IsLinux())
        {
            Console.Error.WriteLine("tests/fire kills looks for processes in /proc, so it needs Linux.");
            return 1;
        }
        var (count, seed, log) = (300, 1, (string?)null);
        for (var i = 0; i < options.Length; i += 2)
        {
            var value = i + 1 < options.Length ? options[i + 1] : "";
            var known = options[i] switch
            {
                "--count" => int.TryParse(value, out count) && count > 0, "--seed" => int.TryParse(value, out seed),
                "--log" => (log = value).Length > 0, _ => false,
            };
            if (known) continue;
            Console.Error.WriteLine($"\"{options[i]} {value}\" is not understood: {Usage}");
            return 1;
        }
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Victim.EndAll();
        var folder = Directory.CreateTempSubdirectory("retort-kills-").FullName;
        try
        {
            using var output = log is null
                ? TextWriter.Null : new StreamWriter(log) { AutoFlush = true, NewLine = "\n" };
            return Try(count, seed, new(folder), output, stop.Token);
        }
        catch (InvalidOperationException) when (stop.IsCancellationRequested)   // an undisturbed run was stopped
        {
            return 130;
        }
        finally
        {
            Victim.EndAll();
            if (stop.IsCancellationRequested) Directory.Delete(folder, recursive: true);
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
            Victim.EndAll(); // who is waited for ends, and the wait with it
        }
    }

    static int Try(int count, int seed, Grounds grounds, TextWriter log, CancellationToken token)
    {
        Console.WriteLine("The undisturbed runs …");
        var chance = new Random(seed);
        var began = Stopwatch.GetTimestamp();
        IReadOnlyList<Aim> aims =
        [
            new BeforeTheFirstCheckpoint(grounds.Training(late: true), chance),
            new AnyMoment(grounds.Training(), chance), new AnyMoment(grounds.Generations(), chance),
            new DuringARename(grounds.Training(), chance), new InAChild(grounds.Children(), chance),
            new OfAParent(grounds.Children(), chance),
            new InCacheWriting(grounds.Cache(), chance), new InExport(grounds.Export(), chance),
        ];
        var phases = aims.GroupBy(aim => aim.Phase).Select(aimed => aimed.ToList()).ToList(); // each has the same share
        log.WriteLine(Invariant($"# tests/fire kills --count {count} --seed {seed}: ")
            + Invariant($"{RuntimeInformation.OSDescription}, {Environment.ProcessorCount} cores"));
        log.WriteLine("# number | phase | met? | moment | what lay on the disk afterwards | trouble");
        List<Killed> kills = [];
        for (var turn = 0; kills.Count < count && !token.IsCancellationRequested; turn++)
        {
            if (turn > 4 * count) throw new InvalidOperationException("The program is done before it can be killed, "
                + "again and again: this machine is too fast for the recipes, or too slow for the aims.");
            var phase = phases[turn % phases.Count];
            var kill = phase[turn / phases.Count % phase.Count].Next();
            if (kill is null || token.IsCancellationRequested) continue;
            kills.Add(kill);
            log.WriteLine(Line(kills.Count, kill));
            if (kill.Trouble is not null) Console.Error.WriteLine(Line(kills.Count, kill));
            if (kills.Count % 10 == 0) Console.WriteLine(
                Invariant($"{kills.Count}/{count} kills, {kills.Count(one => one.Trouble is not null)} troubles, ")
                + Invariant($"{Stopwatch.GetElapsedTime(began).TotalMinutes:0.0} min"));
        }
        foreach (var aim in aims.Where(_ => !token.IsCancellationRequested))
            if (aim.End() is { } trouble) kills.Add(new(aim.Phase, false, "at the end", "", trouble));
        var met =
            aims.All(aim => kills.Count(kill => kill.Phase == aim.Phase && kill.Proven) >= (count >= 300 ? Least : 0));
        var table = Table(aims, kills, Stopwatch.GetElapsedTime(began))
            + (met ? "" : Invariant($"A phase was met fewer than {Least} times.\n"));
        log.Write(table);
        Console.Write(table);
        if (token.IsCancellationRequested) return 130;
        var good = met && kills.TrueForAll(kill => kill.Trouble is null);
        if (good) Directory.Delete(grounds.Folder, recursive: true);
        else Console.Error.WriteLine($"What is left lies in {grounds.Folder}.");
        return good ? 0 : 1;
    }

    static string Line(int number, Killed kill) =>
        Invariant($"{number,3} | {kill.Phase} | {(kill.Proven ? "met" : "not met")} | {kill.Moment} | {kill.Left} | ")
            + Invariant($"{kill.Trouble ?? "none"}");

    static string Table(IReadOnlyList<Aim> aims, List<Killed> kills, TimeSpan time)
    {
        var lines = aims.GroupBy(aim => aim.Phase).Select(aimed =>
            Row(aimed.Key, kills.Where(kill => kill.Phase == aimed.Key).ToList(), aimed));
        var rename = aims.OfType<DuringARename>().Single();
        var (files, ways) = (Listed(rename.Files), Listed(aims.OfType<InAChild>().Single().Ways));
        var renames = $"{rename.Found.Left} drafts were left, {rename.Found.Whole} of them whole but for the name; "
            + $"{rename.Found.Renamed} had their name just then.";
        return $"""

            | phase | kills | met | brought to the end, equal to the bit | troubles |
            |---|---|---|---|---|
            {string.Join('\n', lines)}
            {Row("all", kills, aims)}

            During a rename: {renames}
            They were of {files}.
            In a child: {ways}.
            {time.TotalMinutes.ToString("0.0", System.Globalization.CultureInfo.InvariantCulture)} minutes.

            """;

        static string Row(string phase, List<Killed> own, IEnumerable<Aim> aimed) =>
            Invariant($"| {phase} | {own.Count} | {own.Count(kill => kill.Proven)} | ")
            + Invariant($"{aimed.Sum(aim => aim.Finishes)} | {own.Count(kill => kill.Trouble is not null)} |");

        static string Listed(IReadOnlyDictionary<string, int> counts) => string.Join(
            ", ",
            counts.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => Invariant($"{one.Key} {one.Value}")));
    }
}
