using System.Diagnostics;
using System.Text;

namespace Retort.Tests.Packages;

/// <summary>The SDK's command, and programs that it made.</summary>
static class Dotnet
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(9);

    /// <summary>What it says; where it fails, that is the failure.</summary>
    public static string Run(string folder, params string[] words) => Start("dotnet", folder, words);

    /// <summary>The same of any program.</summary>
    public static string Start(string program, string folder, params string[] words)
    {
        var start = new ProcessStartInfo(program, words)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";             // nobody stays behind and holds the output open
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["DOTNET_NOLOGO"] = "1";
        var said = new StringBuilder();
        using var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', words)} did not end: {Said()}");
        }
        process.WaitForExit();                                          // the last lines
        if (process.ExitCode != 0) throw new InvalidOperationException(
            $"{program} {string.Join(' ', words)} ended with code {process.ExitCode}:\n{Said()}");
        return Said();

        void Hear(string? line)
        {
            if (line is not null) lock (said) said.Append(line).Append('\n');
        }

        string Said() { lock (said) return said.ToString(); }
    }
}
