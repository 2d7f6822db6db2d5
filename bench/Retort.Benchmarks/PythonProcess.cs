using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Retort.Benchmarks;

/// <summary>A Python process that prints one number for each line it gets.</summary>
sealed class PythonProcess : IDisposable
{
    readonly Process _process;

    public PythonProcess(string script, params IEnumerable<string> arguments) => _process = Start(script, arguments);

    /// <summary>The folder of the Python scripts.</summary>
    public static string Folder { get; } = FindFolder();

    /// <summary>Why PyTorch cannot be used; null where it can.</summary>
    public static string? WhyMissing()
    {
        try
        {
            var start = new ProcessStartInfo(Python, ["-c", "import torch"]) { RedirectStandardError = true };
            using var probe = Process.Start(start)!;
            probe.StandardError.ReadToEnd();
            probe.WaitForExit();
            return probe.ExitCode == 0 ? null : $"{Python} cannot import torch";
        }
        catch (Win32Exception)
        {
            return $"there is no {Python}";
        }
    }

    public static Process Start(string script, IEnumerable<string> arguments) =>
        Process.Start(new ProcessStartInfo(Python, [Path.Combine(Folder, script), .. arguments])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;

    /// <summary>Sends a line and reads the number that comes back.</summary>
    public double Send(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
        return _process.StandardOutput.ReadLine() is { } number
            ? double.Parse(number, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"The Python process ended: {_process.StandardError.ReadToEnd()}");
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(5000)) _process.Kill();
        _process.Dispose();
    }

    static string Python => Environment.GetEnvironmentVariable("RETORT_PYTHON")
        ?? (File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3");

    static string FindFolder()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var peer = Path.Combine(folder, "bench", "peer");
            if (Directory.Exists(peer)) return peer;
        }
        throw new InvalidOperationException("bench/peer was not found above the program; run it from the checkout.");
    }
}
