using System.Text.Json;
using Retort.Runs;
using Retort.Tensors.Files;

namespace Retort.Report;

/// <summary>Makes a finished run's <c>results.json</c>, <c>report.md</c> and <c>report.html</c> from its folder alone.</summary>
public static class Reports
{
    /// <summary>
    /// Computes every figure anew and writes the three files, each whole. With the run's data at hand the page shows
    /// pictures that the student gets wrong.
    /// </summary>
    public static Results Write(string runFolder, Dataset? data = null)
    {
        var run = RunData.Read(runFolder);
        if (data is not null) Check(data, run, runFolder);
        var results = Comparison.Of(run);
        var pictures = ExampleImages.Of(results.Misclassified, data?.Test);
        AtomicFile.Write(Path.Combine(runFolder, "report.md"), MarkdownPage.Of(results));
        AtomicFile.Write(Path.Combine(runFolder, "report.html"), HtmlPage.Of(results, run, pictures).Text);
        AtomicFile.Write(Path.Combine(runFolder, "results.json"), JsonSerializer.Serialize(results, Json.Indented) + "\n");   // last: it says that all is there
        return results;
    }

    internal static void Check(Dataset data, RunData run, string runFolder)
    {
        if (data.Hash != run.Card.DataHash) throw new InvalidDataException(
            $"{runFolder} was made on data with hash {run.Card.DataHash}; {data.Name} as opened now has {data.Hash}: its pictures are not the run's.");
    }

    /// <summary>The reports' style sheet: a page beside them looks like them.</summary>
    public static string StyleSheet => HtmlPage.Style().Text;

    /// <summary>What was found, as it stands in the folder.</summary>
    public static Results Read(string runFolder)
    {
        var path = Path.Combine(runFolder, "results.json");
        if (!File.Exists(path)) throw new InvalidDataException($"{path} is missing: `retort report {runFolder}` makes it of a finished run.");
        return JsonFile.Read<Results>(path, "what a run found");
    }
}
