using System.Diagnostics;
using System.Text;

namespace Retort.Tests.Samples;

/// <summary>A program of ours or of the system's that runs beside the tests; it ends with them.</summary>
sealed class Started : IDisposable
{
    readonly StringBuilder _said = new();
    readonly Process _process;

    public Started(string program, params IEnumerable<string> arguments)
    {
        _process = new()
        {
            StartInfo = new(program, arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        _process.OutputDataReceived += (_, line) => Hear(line.Data);
        _process.ErrorDataReceived += (_, line) => Hear(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    /// <summary>A program that the solution's build left in its own folder, built as the tests were.</summary>
    public static string Sample(string name) =>
        Path.Combine(SampleFolder(name), OperatingSystem.IsWindows() ? name + ".exe" : name);

    public static string SampleFolder(string name) => Path.Combine(
        AppContext.BaseDirectory, "..", "..", name,
        Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)));

    /// <summary>Code and output of a program that ends by itself.</summary>
    public (int Code, string Said) End()
    {
        if (!_process.WaitForExit(30_000))
            throw new TimeoutException($"{_process.StartInfo.FileName} did not end: {Said()}");
        _process.WaitForExit();                            // the last lines
        return (_process.ExitCode, Said());
    }

    /// <summary>What follows a text that the program says sooner or later, up to the line's end.</summary>
    public string After(string text)
    {
        for (var i = 0; i < 3000; i++)
        {
            var said = Said();
            var at = said.IndexOf(text, StringComparison.Ordinal);
            if (at >= 0 && said.IndexOf('\n', at) is > 0 and var end) return said[(at + text.Length)..end].Trim();
            if (_process.HasExited) break;
            Thread.Sleep(10);
        }
        throw new TimeoutException($"{_process.StartInfo.FileName} did not say \"{text}\": {Said()}");
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }

    void Hear(string? line)
    {
        if (line is not null) lock (_said) _said.Append(line).Append('\n');
    }

    string Said() { lock (_said) return _said.ToString(); }
}
