using System.Globalization;
using Retort.Report;
using Retort.Runs;
using Retort.Studies;
using Retort.Studies.Fidelity;
using Retort.Training;

namespace Retort.Cli.Display;

/// <summary>What a run says last: the verdict, a small table, and where the report lies.</summary>
static class RunSummary
{
    /// <summary>The lines for a person.</summary>
    public static string Of(Results results, string run)
    {
        List<string> lines = [];
        if (results.Verdict is { } verdict) lines.AddRange([.. Wrapped(verdict.Sentence, 100), ""]);
        List<(string Name, ModelResults One)> rows = [("student", results.Student)];
        if (results.Control is { } control) rows.Insert(0, ("control", control));
        if (results.Teacher is { } teacher) rows.Insert(0, ("teacher", teacher));
        lines.AddRange(PlainTable.Lines(["", "accuracy, %", "NLL, nats", "ECE, %", "agreement, %", "parameters", "ms"], 1, rows.Select(row => (string[])
        [
            row.Name, Percent(row.One.Accuracy), Figure(row.One.Nll, "0.000"), Percent(row.One.Ece), Percent(row.One.Agreement),
            row.One.Cost?.Parameters.ToString("N0", CultureInfo.InvariantCulture) ?? "–", row.One.Latency is { } latency ? Figure(latency.Median, "0.00") : "–",
        ])));
        if (results.Search is { } search)
            lines.AddRange("", $"found in {search.Student.Trials.Count} trials: {Options(search.Student)}" + (search.Control is { } tried ? $" (control: {Options(tried)})" : ""));
        lines.AddRange("", $"{Path.Combine(run, "report.html")}");
        return string.Join('\n', lines) + '\n';
    }

    /// <summary>The same of a study: its claims, a line each.</summary>
    public static string Of(FidelityResults results, string folder) => string.Join('\n', (IEnumerable<string>)
    [
        .. PlainTable.Lines(["", "here", "what the paper says"], 3, results.Claims.Select(claim => (string[])[claim.Id, claim.Word, claim.Says])),
        "", $"{Path.Combine(folder, "report.html")}",
    ]) + '\n';

    static string Options(SearchedSide side) => string.Join(", ", side.Best.Settings.Keys.Select(option => $"{option} {side.Best.Said(option)}"));

    static string Percent(SeedStatistics? share) => share is null ? "–"
        : FormattableString.Invariant($"{100 * share.Mean:0.00}") + (share.Sd is { } sd ? FormattableString.Invariant($" ± {100 * sd:0.00}") : "");

    static string Figure(SeedStatistics value, string format) => value.Mean.ToString(format, CultureInfo.InvariantCulture);

    static IEnumerable<string> Wrapped(string text, int width)
    {
        var line = "";
        foreach (var word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + word.Length >= width)
            {
                yield return line;
                line = "";
            }
            line += line.Length == 0 ? word : $" {word}";
        }
        yield return line;
    }
}
