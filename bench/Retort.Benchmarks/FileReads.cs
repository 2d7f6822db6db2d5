using System.Diagnostics;
using System.Globalization;
using MathNet.Numerics.Statistics;
using Retort.Tensors.Files;
using TorchSharp;

namespace Retort.Benchmarks;

/// <summary>
/// Weights of 500 MB into tensors, against a plain copy of the same file, both from the page cache, turn by turn; and the
/// most memory that reading takes, against what the tensors do.
/// </summary>
static class FileReads
{
    const int Rounds = 7;
    const long Bytes = 500L << 20;

    public static int Run()
    {
        using var work = new Folders();
        using (var peer = Peer.Start("files.py", [work.Root, $"{Bytes}"]))
        {
            peer.WaitForExit();
            if (peer.ExitCode != 0) throw new InvalidOperationException($"The peer ended: {peer.StandardError.ReadToEnd()}");
        }
        using (torch.NewDisposeScope()) SafeTensors.Write(Path.Combine(work.Root, "own.safetensors"), PthFile.Read(Path.Combine(work.Root, "zip.pth")));
        Console.WriteLine("| file | MB | copy, ms | read, ms | times as fast as the copy | memory over the tensors', MB |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: |");
        foreach (var file in (string[])["zip.pth", "legacy.pth", "own.safetensors"]) Line(Path.Combine(work.Root, file));
        return 0;
    }

    static void Line(string file)
    {
        var (copies, reads, ratios) = (new List<double>(), new List<double>(), new List<double>());
        Read(file);                                                        // into the page cache
        for (var i = 0; i < Rounds; i++)
        {
            copies.Add(1000 * Folders.Timed(() => File.Copy(file, file + ".copy", overwrite: true)));
            File.Delete(file + ".copy");
            reads.Add(1000 * Folders.Timed(() => Read(file)));
            ratios.Add(copies[^1] / reads[^1]);
        }
        var size = new FileInfo(file).Length / 1e6;
        var peak = Fresh(file) / 1e6;
        Console.WriteLine(FormattableString.Invariant(
            $"| {Path.GetFileName(file)} | {size:F0} | {copies.Median():F0} | {reads.Median():F0} | {ratios.Median():F2} ({ratios.Min():F2}–{ratios.Max():F2}) | {peak - size:F0} |"));
    }

    /// <summary>The peak in a process that has read nothing before: here the allocator keeps what was freed.</summary>
    static double Fresh(string file)
    {
        using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["file-reads", file]) { RedirectStandardOutput = true })!;
        return double.Parse(process.StandardOutput.ReadToEnd(), CultureInfo.InvariantCulture);
    }

    /// <summary>Prints the most resident bytes that one reading adds.</summary>
    public static int Peak(string file)
    {
        using (torch.NewDisposeScope()) torch.zeros(1).Dispose();          // the engine itself is there before
        Console.WriteLine(Memory.Peak(() => Read(file)).ToString(CultureInfo.InvariantCulture));
        return 0;
    }

    static void Read(string file)
    {
        using var scope = torch.NewDisposeScope();
        WeightsFile.Read(file);
    }
}
