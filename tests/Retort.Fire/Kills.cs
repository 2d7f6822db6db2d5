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

    static int Try(int count, int seed, UndisturbedRuns undisturbed, TextWriter log, CancellationToken token)
    {
        Console.WriteLine("The undisturbed runs …");
        var random = new Random(seed);
        var began = Stopwatch.GetTimestamp();
        IReadOnlyList<Killer> killers =
        [
            new BeforeTheFirstCheckpoint(undisturbed.Training(late: true), random),
            new AnyMoment(undisturbed.Training(), random), new AnyMoment(undisturbed.Generations(), random),
            new DuringARename(undisturbed.Training(), random), new InAChild(undisturbed.Children(), random),
            new OfAParent(undisturbed.Children(), random),
            new InCacheWriting(undisturbed.Cache(), random), new InExport(undisturbed.Export(), random),
        ];
        // each phase has the same share
        var phases = killers.GroupBy(killer => killer.Phase).Select(own => own.ToList()).ToList();
        log.WriteLine(Invariant($"# tests/fire kills --count {count} --seed {seed}: ")
            + Invariant($"{RuntimeInformation.OSDescription}, {Environment.ProcessorCount} cores"));
        log.WriteLine("# number | phase | met? | moment | what lay on the disk afterwards | trouble");
        List<Killed> kills = [];
        for (var turn = 0; kills.Count < count && !token.IsCancellationRequested; turn++)
        {
            if (turn > 4 * count) throw new InvalidOperationException("The program is done before it can be killed, "
                + "again and again: this machine is too fast for the recipes, or too slow for them.");
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
        foreach (var killer in killers.Where(_ => !token.IsCancellationRequested))
            if (killer.End() is { } trouble) kills.Add(new(killer.Phase, false, "at the end", "", trouble));
        var least = count >= 300 ? Least : 0;
        var met = killers.All(killer => kills.Count(kill => kill.Phase == killer.Phase && kill.Proven) >= least);
        var table = Table(killers, kills, Stopwatch.GetElapsedTime(began))
            + (met ? "" : Invariant($"A phase was met fewer than {Least} times.\n"));
        log.Write(table);
        Console.Write(table);
        if (token.IsCancellationRequested) return 130;
        var good = met && kills.TrueForAll(kill => kill.Trouble is null);
        if (good) Directory.Delete(undisturbed.Folder, recursive: true);
        else Console.Error.WriteLine($"What is left lies in {undisturbed.Folder}.");
        return good ? 0 : 1;
    }

    static string Line(int number, Killed kill) =>
        Invariant($"{number,3} | {kill.Phase} | {(kill.Proven ? "met" : "not met")} | {kill.Moment} | {kill.Left} | ")
            + Invariant($"{kill.Trouble ?? "none"}");

    static string Table(IReadOnlyList<Killer> killers, List<Killed> kills, TimeSpan time)
    {
        var lines = killers.GroupBy(killer => killer.Phase).Select(own =>
            Row(own.Key, kills.Where(kill => kill.Phase == own.Key).ToList(), own));
        var rename = killers.OfType<DuringARename>().Single();
        var (files, ways) = (Listed(rename.Files), Listed(killers.OfType<InAChild>().Single().Ways));
        var renames = $"{rename.Found.Left} drafts were left, {rename.Found.Whole} of them whole but for the name; "
            + $"{rename.Found.Renamed} had their name just then.";
        return $"""

            | phase | kills | met | brought to the end, equal to the bit | troubles |
            |---|---|---|---|---|
            {string.Join('\n', lines)}
            {Row("all", kills, killers)}

            During a rename: {renames}
            They were of {files}.
            In a child: {ways}.
            {time.TotalMinutes.ToString("0.0", System.Globalization.CultureInfo.InvariantCulture)} minutes.

            """;

        static string Row(string phase, List<Killed> kills, IEnumerable<Killer> killers) =>
            Invariant($"| {phase} | {kills.Count} | {kills.Count(kill => kill.Proven)} | ")
            + Invariant($"{killers.Sum(killer => killer.Finishes)} | ")
            + Invariant($"{kills.Count(kill => kill.Trouble is not null)} |");

        static string Listed(IReadOnlyDictionary<string, int> counts) => string.Join(
            ", ",
            counts.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => Invariant($"{one.Key} {one.Value}")));
    }
}
