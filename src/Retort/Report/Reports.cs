using System.Text.Json;
using Retort.Tensors.Files;

namespace Retort.Report;

/// <summary>
/// Writes a finished run's <c>results.json</c>, <c>report.md</c> and <c>report.html</c> from its folder alone.
/// </summary>
public static class Reports
{
    /// <summary>
    /// Computes all scores again and writes the three files, each whole. With the run's data at hand, the page shows
    /// images of test examples.
    /// </summary>
    public static Results Write(string runFolder, Dataset? data = null)
    {
        var run = RunData.Read(runFolder);
        if (data is not null) Check(data, run, runFolder);
        var (results, details) = Comparison.Of(run);
        var document = RunSections.Of(results, run, details);
        AtomicFile.Write(Path.Combine(runFolder, "report.md"), MarkdownWriter.Write(document));
        AtomicFile.Write(
            Path.Combine(runFolder, "report.html"), HtmlWriter.Write(document, ExampleImages.Of(data)));
        var json = JsonSerializer.Serialize(results, Json.Indented);
        AtomicFile.Write(Path.Combine(runFolder, "results.json"), json + "\n");    // last: it says that all is there
        return results;
    }

    internal static void Check(Dataset data, RunData run, string runFolder)
    {
        if (data.Hash != run.Info.DataHash) throw new InvalidDataException(
            $"{runFolder} was made with data of the hash {run.Info.DataHash}; {data.Name} has {data.Hash} now, so its "
            + "images are not the run's.");
    }

    /// <summary>The reports' style sheet, for pages that are to look like them.</summary>
    public static string StyleSheet => HtmlWriter.StyleSheet;

    /// <summary>The results in a run's folder.</summary>
    /// <exception cref="InvalidDataException">There are none, or they are of another version.</exception>
    public static Results Read(string runFolder)
    {
        const string what = "what a run found";
        var path = Path.Combine(runFolder, "results.json");
        if (!File.Exists(path)) throw new InvalidDataException(
            $"{path} is missing: `retort report {runFolder}` makes it from a finished run.");

        var format = JsonFile.Read<FormatOnly>(path, what).Format;
        if (format != Results.CurrentFormat) throw new InvalidDataException(Invariant(
            $"{path} has format {format}; this version reads format {Results.CurrentFormat}."));
        return JsonFile.Read<Results>(path, what);
    }

    sealed record FormatOnly(int Format);

    /// <summary>
    /// The scores on test and the costs of teacher, control and student as a table of text; the first row has the
    /// titles.
    /// </summary>
    public static IReadOnlyList<IReadOnlyList<string>> Rows(Results results)
    {
        var models = RunTables.Models(results);
        return
        [
            ["", .. models.Select(model => model.Name.ToLowerInvariant())],
            .. results.Task.Scores.Select(score => Row(score.Heading(),
                model => model.Scores.GetValueOrDefault(score.Name) is { } values ? score.Format(values) : null)),
            Row("parameters", model => model.Cost is { } cost ? NumberFormat.Count(cost.Parameters) : null),
            Row("latency, ms",
                model => model.Latency?.Median.Mean is { } median ? NumberFormat.Fixed(median, 2) : null),
        ];

        IReadOnlyList<string> Row(string name, Func<ModelResults, string?> text) =>
            [name, .. models.Select(model => text(model.Model) ?? NumberFormat.None)];
    }
}
