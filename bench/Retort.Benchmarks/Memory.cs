using System.Globalization;

namespace Retort.Benchmarks;

/// <summary>The most resident bytes of a piece of work, from Linux's own accounting.</summary>
static class Memory
{
    /// <summary>Peak during the work minus resident before it.</summary>
    public static double Peak(Action work)
    {
        var before = Status("VmRSS");
        File.WriteAllText("/proc/self/clear_refs", "5");            // the peak counts from here
        work();
        return Status("VmHWM") - before;
    }

    static double Status(string key) => 1024 * double.Parse(
        File.ReadLines("/proc/self/status").First(line => line.StartsWith(key, StringComparison.Ordinal)).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);
}
