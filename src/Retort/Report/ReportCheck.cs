using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Retort.Runs;

namespace Retort.Report;

/// <summary>Whether a run's report says what its files say: every figure is computed again and held against what is written.</summary>
public static partial class ReportCheck
{
    /// <summary>
    /// What differs, one line each; empty where the whole report follows from the files. The page's pictures of examples are
    /// compared where the data is at hand, else they alone are left out.
    /// </summary>
    /// <param name="runFolder">A finished run with a report.</param>
    /// <param name="data">The run's data; null where it is not at hand.</param>
    /// <exception cref="InvalidDataException">The folder holds no finished run, or the data is not the run's.</exception>
    public static IReadOnlyList<string> Differences(string runFolder, Dataset? data = null)
    {
        var run = RunData.Read(runFolder);
        if (data is not null) Reports.Check(data, run, runFolder);
        var results = Comparison.Of(run);
        List<string> found = [];
        var path = Path.Combine(runFolder, "results.json");
        try
        {
            Compare("", JsonNode.Parse(Text(path)), JsonSerializer.SerializeToNode(results, Json.Indented), (place, written, computed) =>
                found.Add($"{path}: {place} is {written}; its files give {computed}."));
        }
        catch (JsonException error)
        {
            found.Add($"{path}, line {(error.LineNumber + 1)?.ToString(CultureInfo.InvariantCulture)}: this is not JSON.");
        }
        Lines(Path.Combine(runFolder, "report.md"), MarkdownPage.Of(results), found);
        var page = Path.Combine(runFolder, "report.html");
        var pictures = data is not null ? ExampleImages.Of(results.Misclassified, data.Test)
            : Text(page).Contains(ExampleImages.Address, StringComparison.Ordinal) ? results.Misclassified.ToDictionary(miss => miss.Position, _ => ExampleImages.Address) : new Dictionary<int, string>();
        Lines(page, HtmlPage.Of(results, run, pictures).Text, found, line => data is null ? Picture().Replace(line, ExampleImages.Address) : line);
        return found;
    }

    static string Text(string path) => File.Exists(path) ? File.ReadAllText(path)
        : throw new InvalidDataException($"{path} is missing: `retort report` makes it of a finished run.");

    static void Compare(string place, JsonNode? written, JsonNode? computed, Action<string, string, string> differs)
    {
        if (written is JsonObject one && computed is JsonObject other)
            foreach (var key in one.Select(pair => pair.Key).Union(other.Select(pair => pair.Key)).ToList())
                Compare(place.Length == 0 ? key : $"{place}.{key}", one[key], other[key], differs);
        else if (written is JsonArray list && computed is JsonArray expected && list.Count == expected.Count)
            for (var i = 0; i < list.Count; i++)
                Compare(FormattableString.Invariant($"{place}.{i}"), list[i], expected[i], differs);
        else if (!JsonNode.DeepEquals(written, computed))
            differs(place, Short(written), Short(computed));
    }

    static void Lines(string path, string computed, List<string> found, Func<string, string>? seen = null)
    {
        var (written, expected) = (Text(path).Split('\n').Select(seen ?? (line => line)).ToArray(), computed.Split('\n'));
        for (var i = 0; i < Math.Max(written.Length, expected.Length); i++)
            if (i >= written.Length || i >= expected.Length || written[i] != expected[i])
            {
                found.Add(FormattableString.Invariant($"{path}, line {i + 1} is not what its files give."));
                return;
            }
    }

    [GeneratedRegex($"{ExampleImages.Address}[A-Za-z0-9+/=]*")]
    private static partial Regex Picture();

    static string Short(JsonNode? node) => node?.ToJsonString(Json.Line) switch { null => "absent", { Length: <= 60 } text => text, var text => text[..57] + "…" };
}
