using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Retort.Report;

/// <summary>Whether a process is at work in a run's folder. Only reads: takes no lock and changes no file.</summary>
static partial class RunState
{
    const int MaxBytes = 1000;

    /// <summary>Whether the lock of the run or of one of its networks is held.</summary>
    public static bool IsRunning(string run) =>
        IsHeld(run) || ListedFolder.Networks(run).Any(IsHeld);

    static bool IsHeld(string folder)
    {
        if (ListedFolder.File(folder, "lock") is not { } path) return false;

        try
        {
            using var file = new StreamReader(
                InputFile.Open(path, MaxBytes, FileShare.ReadWrite | FileShare.Delete));
            return Holder().Match(file.ReadToEnd()) is { Success: true } holder
                && IsAlive(holder.Groups["id"].Value, holder.Groups["machine"].Value);
        }
        catch (IOException)                                                 // Windows: the lock is held
        {
            return OperatingSystem.IsWindows();
        }
        catch (Exception error) when (error is InvalidDataException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // a killed process leaves its name; a process of another machine cannot be looked up and counts as alive
    static bool IsAlive(string id, string machine)
    {
        if (machine != Environment.MachineName) return true;

        try
        {
            using var process = Process.GetProcessById(int.Parse(id, CultureInfo.InvariantCulture));
            return !process.HasExited;
        }
        catch (ArgumentException)                                           // there is no such process
        {
            return false;
        }
    }

    [GeneratedRegex(@"^process (?<id>[0-9]{1,9}) on (?<machine>\S.*)$", RegexOptions.Multiline)]
    private static partial Regex Holder();
}
