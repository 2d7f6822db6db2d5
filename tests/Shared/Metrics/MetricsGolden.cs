using System.Text.Json.Nodes;
using Retort.Tests.House;

namespace Retort.Tests.Metrics;

/// <summary>The numbers of <c>tools/golden/metrics.py</c>.</summary>
static class MetricsGolden
{
    static readonly JsonNode s_root =
        JsonNode.Parse(File.ReadAllText(Repository.At("tests/Golden/metrics.json")))!;

    public static double Number(string task, string key) => (double)s_root[task]![key]!;

    public static float[] Floats(string task, string key) =>
        [.. s_root[task]![key]!.AsArray().Select(value => (float)value!)];

    public static long[] Longs(string task, string key) =>
        [.. s_root[task]![key]!.AsArray().Select(value => (long)value!)];
}
