using System.Diagnostics;
using System.Globalization;
using MathNet.Numerics.Statistics;
using Retort.Tensors.Files;

namespace Retort.Benchmarks;

/// <summary>
/// Reading 500 MB of weights into tensors, compared with a copy of the same file: both from the page cache, in turns.
/// Also the peak memory of reading, compared with that of the tensors.
/// </summary>
static class FileReads
{
    const int Rounds = 7;
    const long Bytes = 500L << 20;

    public static int Run()
    {
        using var folders = new RunFolders();
        using (var python = PythonProcess.Start("files.py", [folders.Root, $"{Bytes}"]))
        {
            python.WaitForExit();
            if (python.ExitCode != 0)
                throw new InvalidOperationException($"The Python process ended: {python.StandardError.ReadToEnd()}");
        }
        using (torch.NewDisposeScope())
            SafeTensors.Write(
                Path.Combine(folders.Root, "own.safetensors"), PthFile.Read(Path.Combine(folders.Root, "zip.pth")));

        Console.WriteLine(
            "| file | MB | copy, ms | read, ms | times as fast as the copy | memory over the tensors', MB |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: |");
        foreach (var file in (string[])["zip.pth", "legacy.pth", "own.safetensors"])
            Measure(Path.Combine(folders.Root, file));
        return 0;
    }

    static void Measure(string file)
    {
        var (copies, reads, ratios) = (new List<double>(), new List<double>(), new List<double>());
        Read(file);                                                        // into the page cache
        for (var i = 0; i < Rounds; i++)
        {
            copies.Add(1000 * RunFolders.Seconds(() => File.Copy(file, file + ".copy", overwrite: true)));
            File.Delete(file + ".copy");
            reads.Add(1000 * RunFolders.Seconds(() => Read(file)));
            ratios.Add(copies[^1] / reads[^1]);
        }

        var size = new FileInfo(file).Length / 1e6;
        var overhead = PeakInNewProcess(file) / 1e6 - size;
        var ratio = FormattableString.Invariant($"{ratios.Median():F2} ({ratios.Min():F2}–{ratios.Max():F2})");
        Console.WriteLine(
            FormattableString.Invariant($"| {Path.GetFileName(file)} | {size:F0} | {copies.Median():F0} ")
            + FormattableString.Invariant($"| {reads.Median():F0} | {ratio} | {overhead:F0} |"));
    }

    /// <summary>The peak in a new process: in this one the allocator keeps what was freed.</summary>
    static double PeakInNewProcess(string file)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["file-reads", file])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        return double.Parse(process.StandardOutput.ReadToEnd(), CultureInfo.InvariantCulture);
    }

    /// <summary>Prints the peak of resident bytes that reading adds.</summary>
    public static int PrintPeak(string file)
    {
        using (torch.NewDisposeScope()) torch.zeros(1).Dispose();          // loads libtorch
        Console.WriteLine(Memory.Peak(() => Read(file)).ToString(CultureInfo.InvariantCulture));
        return 0;
    }

    static void Read(string file)
    {
        using var scope = torch.NewDisposeScope();
        WeightsFile.Read(file);
    }
}
