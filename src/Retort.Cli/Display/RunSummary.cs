using Retort.Report;
using Retort.Runs;
using Retort.Studies.Fidelity;

namespace Retort.Cli.Display;

/// <summary>The end of a run on the console: the verdict, a small table, and where the report is.</summary>
static class RunSummary
{
    const int WidestLine = 100;

    /// <summary>The lines for a person.</summary>
    /// <param name="results">The run's results.</param>
    /// <param name="run">The run's folder.</param>
    /// <param name="width">The columns of the terminal; null for a file.</param>
    public static string Of(Results results, string run, int? width)
    {
        var lineWidth = Math.Min(width ?? WidestLine, WidestLine);
        List<string> lines = [];
        foreach (var finding in results.Findings ?? []) lines.AddRange([.. Wrapping.Lines($"! {finding}", lineWidth)]);
        if (lines.Count > 0) lines.Add("");
        if (results.Verdict is { } verdict) lines.AddRange([.. Wrapping.Lines(verdict.Sentence, lineWidth), ""]);
        var rows = Reports.Rows(results);
        lines.AddRange(PlainTable.Lines(rows[0], 1, rows.Skip(1), lineWidth));
        if (results.Search is { } search)
        {
            var control = search.Control is { } side ? $" (control: {Options(side)})" : "";
            var found = $"found in {search.Student.Trials.Count} trials: {Options(search.Student)}{control}";
            lines.AddRange(["", .. Wrapping.Lines(found, lineWidth)]);
        }
        lines.AddRange("", Path.Combine(run, "report.html"));
        return string.Join('\n', lines) + '\n';
    }

    /// <summary>The same for a study: its claims, a line each.</summary>
    public static string Of(FidelityResults results, string folder, int? width)
    {
        var rows = results.Claims.Select(claim => (string[])[claim.Id, claim.Word, claim.Says]);
        List<string> lines = [.. PlainTable.Lines(["", "here", "what the paper says"], 3, rows, width)];
        lines.AddRange("", Path.Combine(folder, "report.html"));
        return string.Join('\n', lines) + '\n';
    }

    static string Options(SearchedSide side) =>
        string.Join(", ", side.Best.Settings.Keys.Select(option => $"{option} {side.Best.TextOf(option)}"));
}
