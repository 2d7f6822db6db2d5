using System.Globalization;

namespace Retort.Fire.Damage;

/// <summary>This process's memory, native and managed, in bytes; 0 where the system does not tell.</summary>
static class ProcessMemory
{
    public static long Now() => Status("VmRSS:");

    /// <summary>The most since the peak was last reset, or ever.</summary>
    public static long Peak() => Status("VmHWM:");

    /// <summary>Lets the peak begin anew at what there is now; whether the system does that.</summary>
    public static bool ResetPeak()
    {
        if (!OperatingSystem.IsLinux()) return false;
        try
        {
            File.WriteAllText("/proc/self/clear_refs", "5");
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    static long Status(string key)
    {
        if (!OperatingSystem.IsLinux()) return 0;
        foreach (var line in File.ReadLines("/proc/self/status"))
            if (line.StartsWith(key, StringComparison.Ordinal))
                return 1024 * long.Parse(line.AsSpan(key.Length).Trim("\t kB"), CultureInfo.InvariantCulture);
        return 0;
    }
}
