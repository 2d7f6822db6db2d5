using System.Globalization;
using Retort.Report;
using Retort.Runs;
using Retort.Studies.Fidelity;
using static System.FormattableString;

namespace Retort.Cli.Display;

/// <summary>The last lines of a run: the verdict, a small table, and the path of the report.</summary>
static class RunSummary
{
    const int Width = 100;

    /// <summary>The summary of a run.</summary>
    public static string Of(Results results, string run)
    {
        List<string> lines = [];
        if (results.Verdict is { } verdict) lines.AddRange([.. Wrap(verdict.Sentence), ""]);

        List<(string Name, ModelResults Model)> models = [("student", results.Student)];
        if (results.Control is { } control) models.Insert(0, ("control", control));
        if (results.Teacher is { } teacher) models.Insert(0, ("teacher", teacher));
        string[] head = ["", "accuracy, %", "NLL, nats", "ECE, %", "agreement, %", "parameters", "ms"];
        lines.AddRange(PlainTable.Lines(head, 1, models.Select(pair => Row(pair.Name, pair.Model))));

        if (results.Search is { } search)
        {
            var forControl = search.Control is { } side ? $" (control: {Options(side)})" : "";
            lines.AddRange(
                "", $"found in {search.Student.Trials.Count} trials: {Options(search.Student)}{forControl}");
        }
        lines.AddRange("", Path.Combine(run, "report.html"));
        return string.Join('\n', lines) + '\n';
    }

    /// <summary>The summary of a study: one line per claim.</summary>
    public static string Of(FidelityResults results, string folder)
    {
        var rows = results.Claims.Select(claim => (string[])[claim.Id, claim.Word, claim.Says]);
        List<string> lines =
        [
            .. PlainTable.Lines(["", "here", "what the paper says"], 3, rows),
            "",
            Path.Combine(folder, "report.html"),
        ];
        return string.Join('\n', lines) + '\n';
    }

    static string[] Row(string name, ModelResults model) =>
    [
        name,
        Percent(model.Accuracy),
        Mean(model.Nll, "0.000"),
        Percent(model.Ece),
        Percent(model.Agreement),
        model.Cost?.Parameters.ToString("N0", CultureInfo.InvariantCulture) ?? "–",
        model.Latency is { } latency ? Mean(latency.Median, "0.00") : "–",
    ];

    static string Options(SearchedSide side) =>
        string.Join(", ", side.Best.Settings.Keys.Select(option => $"{option} {side.Best.Said(option)}"));

    static string Percent(SeedStatistics? share)
    {
        if (share is null) return "–";
        var deviation = share.Sd is { } sd ? Invariant($" ± {100 * sd:0.00}") : "";
        return Invariant($"{100 * share.Mean:0.00}{deviation}");
    }

    static string Mean(SeedStatistics value, string format) =>
        value.Mean.ToString(format, CultureInfo.InvariantCulture);

    static IEnumerable<string> Wrap(string text)
    {
        var line = "";
        foreach (var word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + word.Length >= Width)
            {
                yield return line;
                line = "";
            }
            line += line.Length == 0 ? word : $" {word}";
        }
        yield return line;
    }
}
