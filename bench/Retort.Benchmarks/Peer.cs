using System.Diagnostics;
using System.Globalization;

namespace Retort.Benchmarks;

/// <summary>A Python process that answers one line with one number.</summary>
sealed class Peer : IDisposable
{
    readonly Process _process;

    public Peer(string script, params IEnumerable<string> arguments) => _process = Start(script, arguments);

    /// <summary>The folder of the scripts, found from the program's own place.</summary>
    public static string Folder { get; } = Find();

    /// <summary>Why there is no peer; null where there is one.</summary>
    public static string? Missing()
    {
        try
        {
            using var probe = Process.Start(new ProcessStartInfo(Python, ["-c", "import torch"]) { RedirectStandardError = true })!;
            probe.StandardError.ReadToEnd();
            probe.WaitForExit();
            return probe.ExitCode == 0 ? null : $"{Python} cannot import torch";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return $"there is no {Python}";
        }
    }

    public static Process Start(string script, IEnumerable<string> arguments) =>
        Process.Start(new ProcessStartInfo(Python, [Path.Combine(Folder, script), .. arguments])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;

    public double Ask(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
        return _process.StandardOutput.ReadLine() is { } answer
            ? double.Parse(answer, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"The peer ended: {_process.StandardError.ReadToEnd()}");
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(5000)) _process.Kill();
        _process.Dispose();
    }

    static string Python => Environment.GetEnvironmentVariable("RETORT_PYTHON") ?? (File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3");

    static string Find()
    {
        for (var at = AppContext.BaseDirectory; at is not null; at = Path.GetDirectoryName(at))
            if (Directory.Exists(Path.Combine(at, "bench", "peer"))) return Path.Combine(at, "bench", "peer");
        throw new InvalidOperationException("bench/peer was not found above the program; run it from the checkout.");
    }
}
