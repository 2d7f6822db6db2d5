using System.Text.Json.Nodes;
using Retort.Tests.Samples;
using static Retort.Tests.Cli.ServedRuns;

namespace Retort.Tests.Cli;

/// <summary>The page of runs in a real browser.</summary>
public sealed class UiBrowserTests
{
    [Fact]
    public async Task A_browser_sorts_filters_and_compares_runs()
    {
        var chromium = Browser.Find();
        Assert.SkipWhen(chromium is null, "There is no chromium on the path; RETORT_CHROMIUM can name one.");
        var (program, address) = Serve(Folder());
        using var _ = program;
        using var browser = await Browser.OpenAsync(chromium!, address);
        await browser.Until("globalThis.retort");
        Assert.Equal("a b broken deep/c open", await Column());
        await Press("Accuracy, %");
        Assert.Equal("b deep/c a broken open", await Column());            // skills 2, 2.5, 3; unknown comes last
        await Press("Accuracy, %");
        Assert.Equal("a deep/c b broken open", await Column());
        await Search("deep recipe");
        Assert.Equal("deep/c", await Column());
        Assert.Equal("1 of 5 runs", (string?)await browser.Evaluate("document.getElementById('count').textContent"));
        await Search("");

        foreach (var id in (string[])["a", "b"])
            await browser.Evaluate($"document.querySelector('[aria-label=\"compare {id}\"]').click()");

        // three seeds and their mean
        await browser.Until("document.querySelectorAll('#curves path.run1').length === 4");
        Assert.Equal(4, (int)(await browser.Evaluate("document.querySelectorAll('#curves path.run0').length"))!);
        Assert.Equal("method.temperature 2 8", (string?)await browser.Evaluate("""
            [...document.querySelectorAll('#recipes tr.differs')]
                .map(row => [...row.children].map(cell => cell.textContent).join(' '))
                .join('|')
            """));
        await browser.Evaluate("document.getElementById('differing').click()");
        Assert.True((int)(await browser.Evaluate("document.querySelectorAll('#recipes tbody tr').length"))! > 1);
        if (Environment.GetEnvironmentVariable("RETORT_SCREENSHOT") is { Length: > 0 } file)
            File.WriteAllBytes(file, await browser.Screenshot());

        async Task<string> Column() => (string)(await browser.Evaluate("""
            [...document.querySelectorAll('#runs tbody tr')].map(row => row.children[1].textContent).join(' ')
            """))!;

        Task<JsonNode?> Press(string title) => browser.Evaluate($"""
            [...document.querySelectorAll('#runs th button')].find(button => button.textContent === '{title}').click()
            """);

        Task<JsonNode?> Search(string text) => browser.Evaluate($$"""
            (search => {
                search.value = '{{text}}';
                search.dispatchEvent(new Event('input'));
            })(document.getElementById('search'))
            """);
    }
}
