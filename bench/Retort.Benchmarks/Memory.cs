using System.Globalization;

namespace Retort.Benchmarks;

/// <summary>The resident memory of this process, from Linux.</summary>
static class Memory
{
    /// <summary>The peak of resident bytes during an action, minus those before it.</summary>
    public static double Peak(Action action)
    {
        var before = Status("VmRSS");
        File.WriteAllText("/proc/self/clear_refs", "5");                   // resets the peak
        action();
        return Status("VmHWM") - before;
    }

    static double Status(string key)
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(key, StringComparison.Ordinal));
        var kilobytes = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1];
        return 1024 * double.Parse(kilobytes, CultureInfo.InvariantCulture);
    }
}
