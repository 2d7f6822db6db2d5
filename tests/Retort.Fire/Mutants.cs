using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Retort.Fire.Damage;
using Retort.Runs;
using Retort.Tensors.Files;

namespace Retort.Fire;

/// <summary>
/// Damaged files for every reader: each is read, or refused in our words, within its budget and in no time.
/// </summary>
static class Mutants
{
    public static int Run(string[] options)
    {
        if (options is [Damage.Worker.Verb, .. var words]) return Damage.Worker.Run(words);
        var (count, seed, only, file) = ((int?)null, 1, (string?)null, (string?)null);
        for (var i = 0; i + 1 < options.Length; i += 2)
            switch (options[i])
            {
                case "--count": count = int.Parse(options[i + 1], CultureInfo.InvariantCulture); break;
                case "--seed": seed = int.Parse(options[i + 1], CultureInfo.InvariantCulture); break;
                case "--only": only = options[i + 1]; break;
                case "--log": file = options[i + 1]; break;
                default: throw new ArgumentException($"There is no option {options[i]}.", nameof(options));
            }
        using var log = new Log(file);
        if (OperatingSystem.IsLinux() && !ProcessMemory.ResetPeak())
            log.Say("THIS SYSTEM DOES NOT LET A PROCESS RESET ITS PEAK OF MEMORY (/proc/self/clear_refs): each large "
                + "input is followed by a new process.");
        return only is null ? All(count ?? 100_000, seed, log) : One(only, seed, count ?? 1, log);
    }

    /// <summary>Every reader, its share of the inputs by its weight; as many at a time as there are cores.</summary>
    static int All(int count, int seed, Log log)
    {
        var samples = Samples.Root;
        log.Say(FormattableString.Invariant(
            $"{count} damaged files, seed {seed}; every other one damaged with knowledge of its format."));
        var weights = Readers.Names.ToDictionary(name => name, name => Made(name).Weight);
        var (watch, tallies) = (new Watch(samples, log.Found), new ConcurrentBag<Tally>());
        var (each, first) = (count / weights.Values.Sum(), Readers.Names[0]);
        Parallel.ForEach(
            Partitioner.Create(Readers.Names, EnumerablePartitionerOptions.NoBuffering),
            new() { MaxDegreeOfParallelism = Environment.ProcessorCount }, name =>
            {
                var share = each * weights[name] + (name == first ? count - each * weights.Values.Sum() : 0);
                var tally = watch.Run(name, seed, share);
                tallies.Add(tally);
                log.Say(FormattableString.Invariant($"{name}: {tally.Inputs} inputs, {tally.Findings.Count} findings"));
            });
        return Told([.. Readers.Names.Select(name => tallies.First(tally => tally.Reader == name))], log);
    }

    static Reader Made(string name)
    {
        var folder = Samples.Shared();
        try { return Readers.Made(name, folder); }
        finally { Directory.Delete(folder, recursive: true); }
    }

    /// <summary>Some inputs of one reader; of a single one the damaged file is kept.</summary>
    static int One(string name, int seed, int count, Log log)
    {
        if (count == 1)
        {
            var folder = Directory.CreateTempSubdirectory("retort-mutant-").FullName;
            var (target, content) = Readers.Made(name, folder).Mutant(seed);
            File.WriteAllBytes(target.Path, content);
            log.Say($"The damaged file is {target.Path}.");
        }
        return Told([new Watch(Samples.Root, log.Found).Run(name, seed, count)], log);
    }

    static int Told(IReadOnlyList<Tally> tallies, Log log)
    {
        var table = new StringBuilder("\n| reader | inputs | read | refused | findings | largest allocation, kB | "
            + "largest growth of the process, kB | longest, ms |\n|---|---|---|---|---|---|---|---|\n");
        foreach (var one in tallies.Append(Sum(tallies)))
            table.AppendLine(
                CultureInfo.InvariantCulture,
                $"| {one.Reader} | {one.Inputs} | {one.Read} | {one.Refused} | {one.Findings.Count} | "
                + $"{one.Allocated / 1000} | {one.Resident / 1000} | {one.Milliseconds:0} |");
        log.Say(table.ToString().ReplaceLineEndings("\n"));
        return tallies.Any(one => one.Findings.Count > 0) ? 1 : 0;
    }

    static Tally Sum(IReadOnlyList<Tally> tallies)
    {
        var sum = new Tally("all")
        {
            Inputs = tallies.Sum(one => one.Inputs),
            Read = tallies.Sum(one => one.Read),
            Refused = tallies.Sum(one => one.Refused),
            Allocated = tallies.Max(one => one.Allocated),
            Resident = tallies.Max(one => one.Resident),
            Milliseconds = tallies.Max(one => one.Milliseconds),
        };
        sum.Findings.AddRange(tallies.SelectMany(one => one.Findings));
        return sum;
    }

    /// <summary>The console and, where one is named, a file.</summary>
    sealed class Log(string? path) : IDisposable
    {
        readonly StreamWriter? _file = path is null ? null : new(path) { AutoFlush = true, NewLine = "\n" };
        readonly Lock _one = new();

        public void Say(string line)
        {
            lock (_one)
            {
                Console.WriteLine(line);
                _file?.WriteLine(line);
            }
        }

        /// <summary>What must not be, and beside the log the file that brought it about.</summary>
        public void Found(string reader, int seed, string what)
        {
            Say(FormattableString.Invariant($"FINDING --only {reader} --seed {seed}: {what}"));
            if (path is null) return;
            var (target, content) = Made(reader).Mutant(seed);
            AtomicFile.Write(
                FormattableString.Invariant($"{path}.findings/{reader}-{seed}-{Path.GetFileName(target.Path)}"),
                file => file.Write(content));
        }

        public void Dispose() => _file?.Dispose();
    }
}
