using System.Globalization;

namespace Retort.Fire.Damage;

/// <summary>
/// The process that reads damaged files. It says each input's seed before it tries it, so that whoever watches knows what
/// ended it; standard output is its own, whatever a native library writes goes to the other one.
/// </summary>
static class Worker
{
    public const string Verb = "mutants-worker";

    /// <summary>READER FIRST COUNT SAMPLES FOLDER.</summary>
    public static int Run(string[] words)
    {
        var (name, first, count) = (words[0], int.Parse(words[1], CultureInfo.InvariantCulture), int.Parse(words[2], CultureInfo.InvariantCulture));
        Samples.Made = words[3];
        var output = Console.Out;
        Console.SetOut(Console.Error);
        var reader = Readers.Made(name, words[4]);
        reader.Sound();
        for (var seed = first; seed < first + count; seed++)
        {
            Say($"at {seed}");
            var before = Resident();
            var trial = reader.Try(seed);
            var line = FormattableString.Invariant($"{(trial.Refused ? "refused" : "read")} {trial.Allocated} {Math.Max(Resident() - before, 0)} {trial.Milliseconds:0.000}");
            if (trial.Finding is not null) Say("finding " + trial.Finding.ReplaceLineEndings("\\n"));
            Say(line);
        }
        Say("done");
        return 0;

        void Say(string line)
        {
            output.WriteLine(line);
            output.Flush();
        }
    }

    /// <summary>The most memory that the process ever had, in bytes; 0 where the system does not tell.</summary>
    static long Resident()
    {
        if (!OperatingSystem.IsLinux()) return 0;
        foreach (var line in File.ReadLines("/proc/self/status"))
            if (line.StartsWith("VmHWM:", StringComparison.Ordinal)) return 1024 * long.Parse(line.AsSpan(6).Trim("\t kB"), CultureInfo.InvariantCulture);
        return 0;
    }
}
