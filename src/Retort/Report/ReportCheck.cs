using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Retort.Report;

/// <summary>Whether a run's report follows from its files: everything is computed again and compared.</summary>
public static partial class ReportCheck
{
    /// <summary>
    /// What differs, one line each; empty where the whole report follows from the files. The page's images of examples
    /// are compared where the data is at hand; where it is not, they alone are left out.
    /// </summary>
    /// <param name="runFolder">A finished run with a report.</param>
    /// <param name="data">The run's data; null where it is not at hand.</param>
    /// <exception cref="InvalidDataException">
    /// The folder holds no finished run, or the data is not the run's.
    /// </exception>
    public static IReadOnlyList<string> Differences(string runFolder, Dataset? data = null)
    {
        var run = RunData.Read(runFolder);
        if (data is not null) Reports.Check(data, run, runFolder);
        var (results, details) = Comparison.Of(run);
        var document = RunSections.Of(results, run, details);
        List<string> found = [];
        CompareResults(Path.Combine(runFolder, "results.json"), results, found);
        CompareLines(Path.Combine(runFolder, "report.md"), MarkdownWriter.Write(document), found);

        var page = Path.Combine(runFolder, "report.html");
        if (data is not null) CompareLines(page, HtmlWriter.Write(document, ExampleImages.Of(data)), found);
        else
        {
            var hasImages = Text(page).Contains(ExampleImages.Address, StringComparison.Ordinal);
            var expected = HtmlWriter.Write(document, _ => hasImages ? _ => ExampleImages.Address : null);
            CompareLines(page, ImageData().Replace(expected, ExampleImages.Address), found,
                line => ImageData().Replace(line, ExampleImages.Address));
        }
        return found;
    }

    static string Text(string path) => File.Exists(path) ? JsonFile.ReadText(path)
        : throw new InvalidDataException($"{path} is missing: `retort report` makes it from a finished run.");

    static void CompareResults(string path, Results results, List<string> found)
    {
        try
        {
            var written = JsonNode.Parse(Text(path));
            var computed = JsonSerializer.SerializeToNode(results, Json.Indented);
            Compare("", written, computed, (place, one, other) =>
                found.Add($"{path}: {place} is {one}; its files give {other}."));
        }
        catch (JsonException error)
        {
            var line = (error.LineNumber + 1)?.ToString(CultureInfo.InvariantCulture);
            found.Add($"{path}, line {line}: this is not JSON.");
        }
    }

    static void Compare(string place, JsonNode? written, JsonNode? computed, Action<string, string, string> differs)
    {
        if (written is JsonObject one && computed is JsonObject other)
            foreach (var key in one.Select(pair => pair.Key).Union(other.Select(pair => pair.Key)).ToList())
                Compare(place.Length == 0 ? key : $"{place}.{key}", one[key], other[key], differs);
        else if (written is JsonArray list && computed is JsonArray expected && list.Count == expected.Count)
            for (var i = 0; i < list.Count; i++)
                Compare(Invariant($"{place}.{i}"), list[i], expected[i], differs);
        else if (!JsonNode.DeepEquals(written, computed))
            differs(place, Short(written), Short(computed));
    }

    static void CompareLines(string path, string computed, List<string> found, Func<string, string>? change = null)
    {
        var written = Text(path).Split('\n').Select(change ?? (line => line)).ToArray();
        var expected = computed.Split('\n');
        for (var i = 0; i < Math.Max(written.Length, expected.Length); i++)
        {
            if (i < written.Length && i < expected.Length && written[i] == expected[i]) continue;

            found.Add(Invariant($"{path}, line {i + 1} is not what its files give."));
            return;
        }
    }

    [GeneratedRegex($"{ExampleImages.Address}[A-Za-z0-9+/=]*")]
    private static partial Regex ImageData();

    static string Short(JsonNode? node) => node?.ToJsonString(Json.Line) switch
    {
        null => "absent",
        { Length: <= 60 } text => text,
        var text => text[..57] + "…",
    };
}
