using Retort.Runs;
using Retort.Training;
using Retort.Recipes;
using Retort.Report;

namespace Retort.Studies.Fidelity;

/// <summary>A study's report as Markdown tables.</summary>
static class FidelityMarkdown
{
    public static string Of(FidelityResults results) => string.Join("\n", Lines(results)) + "\n";

    static IEnumerable<string> Lines(FidelityResults r) =>
    [
        $"# {MarkdownPage.Safe(r.Name)} on {MarkdownPage.Safe(r.Data)}", "",
        $"**{r.Verdict.Sentence}**", "",
        $"{r.Networks} networks, {NumberFormat.Seeds(r.Seeds)}; mean ± standard deviation (n − 1) over seeds; {FidelityPage.Reading}", "",
        .. MarkdownPage.Section("Claims", FidelityTables.Claims(r)),
        .. r.Claims.Where(claim => claim.Outcome != ClaimOutcome.NotRun).SelectMany(Claim),
    ];

    static IEnumerable<string> Claim(Judgement claim) =>
    [
        .. MarkdownPage.Section($"{claim.Id}: {claim.Word}", FidelityTables.Checks(claim)),
        $"In the setting \"{MarkdownPage.Safe(claim.Setting!)}\":", "",
        .. MarkdownPage.Section("", FidelityTables.Arms(claim)).Skip(2),
    ];
}
