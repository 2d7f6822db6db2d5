using System.Diagnostics;
using System.Globalization;
using Retort.Runs;

namespace Retort.Fire.Damage;

/// <summary>What a reader did with its inputs.</summary>
sealed class Tally(string reader)
{
    public string Reader => reader;
    public int Inputs { get; set; }
    public int Read { get; set; }
    public int Refused { get; set; }
    public long Allocated { get; set; }        // the largest of one input
    public long Resident { get; set; }         // the largest step of the process's memory in one input
    public double Milliseconds { get; set; }   // the longest
    public List<(int Seed, string What)> Findings { get; } = [];
}

/// <summary>
/// Hands a reader's inputs to processes that may die over them, and begins another one behind what killed the last.
/// </summary>
/// <param name="samples">Where the sound files are that were made once.</param>
/// <param name="found">Hears of reader, seed and what must not be.</param>
sealed class Watch(string samples, Action<string, int, string> found)
{
    const int Seconds = 10;                  // that one input may take
    const int Patience = 60;                 // for one that was too long, alone: the machine may have been busy
    const long MostResident = 512_000_000;   // bytes that one input may add to the process
    const long Deadly = 6_000_000_000;       // bytes at which a process is ended
    static readonly TimeSpan s_start = TimeSpan.FromMinutes(5);

    public Tally Run(string reader, int first, int count)
    {
        var tally = new Tally(reader);
        var folder = Samples.Shared();
        try
        {
            for (var (next, end) = (first, first + count); next < end;)
                next = Piece(tally, folder, next, Math.Min(end - next, 4000));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
        return tally;
    }

    /// <summary>One process; gives the seed to go on with.</summary>
    int Piece(Tally tally, string folder, int first, int count)
    {
        var (at, ended) = One(tally, folder, first, count, Seconds);
        if (ended is null) return at;
        if (ended.StartsWith("it took longer", StringComparison.Ordinal))
            (_, ended) = One(tally, folder, at, 1, Patience);
        if (ended is not null) Find(tally, at, ended);
        return at + 1;
    }

    /// <summary>
    /// The seed it stands at, and how it ended before it was done with that; null where it was done with all.
    /// </summary>
    (int At, string? Ended) One(Tally tally, string folder, int first, int count, int seconds)
    {
        var (at, begun) = (first, false);
        using var process = Start(tally.Reader, first, count, folder);
        using var memory = new Timer(_ => { if (Bytes(process) > Deadly) Kill(process); }, null, 100, 100);
        var errors = new List<string>();
        process.ErrorDataReceived += (_, line) =>
        {
            lock (errors)
                if (line.Data is { Length: > 0 } text && errors.Count < 12) errors.Add(text);
        };
        process.BeginErrorReadLine();
        while (true)
        {
            var reading = process.StandardOutput.ReadLineAsync();
            if (!reading.Wait(begun ? TimeSpan.FromSeconds(seconds) : s_start))
            {
                Kill(process);
                return (at, FormattableString.Invariant($"it took longer than {seconds} s"));
            }
            var line = reading.Result;
            if (line is null)
            {
                process.WaitForExit();
                string said;
                lock (errors) said = string.Join(" | ", errors);
                if (!begun)
                    throw new InvalidOperationException($"The reader {tally.Reader} cannot be made ready: {said}");
                return (at, FormattableString.Invariant($"the process ended with code {process.ExitCode}: {said}"));
            }
            var words = line.Split(' ', 2);
            if (words[0] == "at") (at, begun) = (int.Parse(words[1], CultureInfo.InvariantCulture), true);
            else if (words[0] == "done") return (int.Parse(words[1], CultureInfo.InvariantCulture), null);
            else if (words[0] == "finding") Find(tally, at, words[1]);
            else Count(tally, at, line.Split(' '));
        }
    }

    void Count(Tally tally, int at, string[] words)
    {
        tally.Inputs++;
        if (words[0] == "read") tally.Read++;
        else tally.Refused++;
        var allocated = long.Parse(words[1], CultureInfo.InvariantCulture);
        var resident = long.Parse(words[2], CultureInfo.InvariantCulture);
        var milliseconds = double.Parse(words[3], CultureInfo.InvariantCulture);
        (tally.Allocated, tally.Resident, tally.Milliseconds) = (
            Math.Max(tally.Allocated, allocated),
            Math.Max(tally.Resident, resident),
            Math.Max(tally.Milliseconds, milliseconds));
        if (resident > MostResident) Find(
            tally, at,
            FormattableString.Invariant($"the process grew by {resident} bytes; {MostResident} are allowed"));
    }

    void Find(Tally tally, int seed, string what)
    {
        tally.Findings.Add((seed, what));
        found(tally.Reader, seed, what);
    }

    Process Start(string reader, int first, int count, string folder)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!,
        [
            Worker.Verb, reader, first.ToString(CultureInfo.InvariantCulture),
            count.ToString(CultureInfo.InvariantCulture), samples, folder,
        ])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        // memory is given back soon, so that what one input takes is seen
        start.Environment["DOTNET_gcConcurrent"] = "0";
        start.Environment["DOTNET_GCgen0size"] = "2000000";                // hexadecimal: 32 MB
        start.Environment["OMP_NUM_THREADS"] = "1";
        return Process.Start(start)!;
    }

    static long Bytes(Process process)
    {
        try
        {
            process.Refresh();
            return process.WorkingSet64;
        }
        catch (InvalidOperationException)                                  // it is gone
        {
            return 0;
        }
    }

    static void Kill(Process process)
    {
        try { process.Kill(entireProcessTree: true); }
        catch (InvalidOperationException) { }                              // it is gone
    }
}
