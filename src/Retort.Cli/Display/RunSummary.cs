using Retort.Report;
using Retort.Runs;
using Retort.Studies.Fidelity;

namespace Retort.Cli.Display;

/// <summary>The end of a run on the console: the verdict, a small table, and where the report is.</summary>
static class RunSummary
{
    const int LineWidth = 100;

    /// <summary>The lines for a person.</summary>
    public static string Of(Results results, string run)
    {
        List<string> lines = [];
        foreach (var finding in results.Findings ?? []) lines.AddRange([.. Wrapped($"! {finding}")]);
        if (lines.Count > 0) lines.Add("");
        if (results.Verdict is { } verdict) lines.AddRange([.. Wrapped(verdict.Sentence), ""]);
        var rows = Reports.Rows(results);
        lines.AddRange(PlainTable.Lines(rows[0], 1, rows.Skip(1)));
        if (results.Search is { } search)
        {
            var control = search.Control is { } side ? $" (control: {Options(side)})" : "";
            lines.AddRange("", $"found in {search.Student.Trials.Count} trials: {Options(search.Student)}{control}");
        }
        lines.AddRange("", Path.Combine(run, "report.html"));
        return string.Join('\n', lines) + '\n';
    }

    /// <summary>The same for a study: its claims, a line each.</summary>
    public static string Of(FidelityResults results, string folder)
    {
        var rows = results.Claims.Select(claim => (string[])[claim.Id, claim.Word, claim.Says]);
        List<string> lines = [.. PlainTable.Lines(["", "here", "what the paper says"], 3, rows)];
        lines.AddRange("", Path.Combine(folder, "report.html"));
        return string.Join('\n', lines) + '\n';
    }

    static string Options(SearchedSide side) =>
        string.Join(", ", side.Best.Settings.Keys.Select(option => $"{option} {side.Best.TextOf(option)}"));

    static IEnumerable<string> Wrapped(string text)
    {
        var line = "";
        foreach (var word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + word.Length >= LineWidth)
            {
                yield return line;
                line = "";
            }
            line += line.Length == 0 ? word : $" {word}";
        }
        yield return line;
    }
}
