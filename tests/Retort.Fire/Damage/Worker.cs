using System.Globalization;
using Retort.Runs;

namespace Retort.Fire.Damage;

/// <summary>
/// The process that reads damaged files. It says each input's seed before it tries it, so that whoever watches knows
/// what ended it; standard output is its own, whatever a native library writes goes to the other one.
/// </summary>
static class Worker
{
    public const string Verb = "mutants-worker";

    const long MostKept = 100_000_000; // bytes with which a process goes on to the next input

    /// <summary>READER FIRST COUNT SAMPLES FOLDER.</summary>
    public static int Run(string[] words)
    {
        var name = words[0];
        var first = int.Parse(words[1], CultureInfo.InvariantCulture);
        var count = int.Parse(words[2], CultureInfo.InvariantCulture);
        Samples.Made = words[3];
        var output = Console.Out;
        Console.SetOut(Console.Error);
        var reader = Readers.Made(name, words[4]);
        reader.Sound();
        var (resets, began) = (ProcessMemory.ResetPeak(), ProcessMemory.Now());
        for (var seed = first; seed < first + count; seed++)
        {
            Say($"at {seed}");
            ProcessMemory.ResetPeak();
            var before = resets ? ProcessMemory.Now() : ProcessMemory.Peak();
            var trial = reader.Try(seed);
            var grown = Math.Max(ProcessMemory.Peak() - before, 0);
            var line = FormattableString.Invariant(
                $"{(trial.Refused ? "refused" : "read")} {trial.Allocated} {grown} {trial.Milliseconds:0.000}");
            if (trial.Finding is not null) Say("finding " + trial.Finding.ReplaceLineEndings("\\n"));
            Say(line);
            // what is kept after one input, or stands as the peak, would hide what the next one takes
            if ((resets ? ProcessMemory.Now() - began : grown) <= MostKept) continue;
            Say(FormattableString.Invariant($"done {seed + 1}"));
            return 0;
        }
        Say(FormattableString.Invariant($"done {first + count}"));
        return 0;

        void Say(string line)
        {
            output.WriteLine(line);
            output.Flush();
        }
    }
}
