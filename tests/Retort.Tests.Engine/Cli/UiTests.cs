using System.Net;
using System.Text.Json.Nodes;
using Retort.Report;
using Retort.Runs;
using Retort.Studies;
using Retort.Tests.Contract;
using Retort.Tests.Recipes;
using Retort.Tests.Samples;
using Retort.Tests.Studies;

namespace Retort.Tests.Cli;

/// <summary>The page of runs: what it answers, and what a real browser makes of it.</summary>
public sealed class UiTests
{
    // three finished runs, one of them below another folder, one that is under way, one whose results are no JSON
    static string Shelf()
    {
        var folder = Few.Folder();
        foreach (var (name, skill) in new[] { ("b", 2.0), ("a", 3.0), ("deep/c", 2.5) })
            Reports.Write(new SampleRun { Name = $"recipe {name[^1]}", StudentSkill = skill }.Write(Path.Combine(folder, name)));
        new SampleRun { Name = "open" }.Write(Path.Combine(folder, "open"));
        File.WriteAllText(Path.Combine(Sample(folder, "broken"), "results.json"), "{");
        Edit(Path.Combine(folder, "a", "run.json"), run => run["recipe"]!["method"] = new JsonObject { ["name"] = "kd", ["temperature"] = 2 });
        Edit(Path.Combine(folder, "b", "run.json"), run => run["recipe"]!["method"] = new JsonObject { ["name"] = "kd", ["temperature"] = 8 });
        return folder;

        static string Sample(string folder, string name) => new SampleRun { Name = name }.Write(Path.Combine(folder, name));
        static void Edit(string path, Action<JsonNode> change)
        {
            var tree = JsonNode.Parse(File.ReadAllText(path))!;
            change(tree);
            File.WriteAllText(path, tree.ToJsonString());
        }
    }

    static (Started Program, Uri Address) Serving(string folder)
    {
        var program = new Started(TestRuns.Program, "ui", folder, "--port", "0");
        return (program, new("http" + program.After("http").Split(' ')[0]));
    }

    [Fact]
    public async Task It_answers_what_there_is_to_readers_of_this_machine_and_nothing_else()
    {
        var folder = Shelf();
        var (program, address) = Serving(folder);
        using var _ = program;
        using var client = new HttpClient { BaseAddress = address };
        Assert.True(IPAddress.IsLoopback(IPAddress.Parse(address.Host)));
        var runs = JsonNode.Parse(await client.GetStringAsync("api/runs"))!.AsArray();
        Assert.Equal(["a", "b", "broken", "deep/c", "open"], runs.Select(run => (string)run!["id"]!));
        Assert.Equal(Reports.Read(Path.Combine(folder, "a")).Student.Accuracy.Mean, (double)runs[0]!["accuracy"]!["mean"]!);
        Assert.Contains("results.json", (string)runs[2]!["problem"]!, StringComparison.Ordinal);
        Assert.False((bool)runs[4]!["finished"]!);
        Assert.Equal(7, JsonNode.Parse(await client.GetStringAsync("api/curves/deep/c"))!.AsArray().Count);
        Assert.Equal(2, (int)JsonNode.Parse(await client.GetStringAsync("api/recipe/a"))!["method"]!["temperature"]!);
        Assert.Equal(File.ReadAllText(Path.Combine(folder, "a", "report.html")), await client.GetStringAsync("report/a"));

        foreach (var path in (string[])["report/nothing", "report/open", "report/..%2fa", "api/recipe/../../etc/passwd", "api/recipe/%2e%2e/a", "run.json"])
            Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await client.PostAsync("api/runs", null)).StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await client.DeleteAsync("report/a")).StatusCode);
        using var elsewhere = new HttpRequestMessage(HttpMethod.Get, "api/runs") { Headers = { Host = "evil.example" } };
        Assert.Equal(HttpStatusCode.MisdirectedRequest, (await client.SendAsync(elsewhere)).StatusCode);
        Assert.Contains("script-src 'self'", (await client.GetAsync("")).Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_browser_sorts_filters_and_lays_runs_side_by_side()
    {
        var chromium = Browser.Find();
        Assert.SkipWhen(chromium is null, "There is no chromium on the path; RETORT_CHROMIUM can name one.");
        var (program, address) = Serving(Shelf());
        using var _ = program;
        using var browser = await Browser.OpenAsync(chromium!, address);
        await browser.Until("globalThis.retort");
        Assert.Equal("a b broken deep/c open", await Column());
        await Press("Accuracy, %");
        Assert.Equal("b deep/c a broken open", await Column());            // skills 2, 2.5, 3; what has no figure comes last
        await Press("Accuracy, %");
        Assert.Equal("a deep/c b broken open", await Column());
        await browser.Evaluate("(search => { search.value = 'deep recipe'; search.dispatchEvent(new Event('input')); })(document.getElementById('search'))");
        Assert.Equal("deep/c", await Column());
        Assert.Equal("1 of 5 runs", (string?)await browser.Evaluate("document.getElementById('count').textContent"));
        await browser.Evaluate("(search => { search.value = ''; search.dispatchEvent(new Event('input')); })(document.getElementById('search'))");

        foreach (var id in (string[])["a", "b"]) await browser.Evaluate($"document.querySelector('[aria-label=\"compare {id}\"]').click()");
        await browser.Until("document.querySelectorAll('#curves path.run1').length === 4");            // three seeds and their mean
        Assert.Equal(4, (int)(await browser.Evaluate("document.querySelectorAll('#curves path.run0').length"))!);
        Assert.Equal("method.temperature 2 8", (string?)await browser.Evaluate(
            "[...document.querySelectorAll('#recipes tr.differs')].map(row => [...row.children].map(cell => cell.textContent).join(' ')).join('|')"));
        await browser.Evaluate("document.getElementById('differing').click()");
        Assert.True((int)(await browser.Evaluate("document.querySelectorAll('#recipes tbody tr').length"))! > 1);
        if (Environment.GetEnvironmentVariable("RETORT_SCREENSHOT") is { Length: > 0 } file) File.WriteAllBytes(file, await browser.Screenshot());

        async Task<string> Column() => (string)(await browser.Evaluate("[...document.querySelectorAll('#runs tbody tr')].map(row => row.children[1].textContent).join(' ')"))!;
        Task<JsonNode?> Press(string title) => browser.Evaluate($"[...document.querySelectorAll('#runs th button')].find(button => button.textContent === '{title}').click()");
    }

    [Theory] // what no run of ours has: a word for a method, a teacher of no size
    [InlineData("run.json", "\"recipe\": {", "\"recipe\": { \"method\": \"kd\",")]
    [InlineData("results.json", "\"parameters\": ", "\"parameters\": -")]
    public void A_folder_that_cannot_be_read_is_named_and_hides_no_other(string file, string written, string instead)
    {
        var folder = Few.Folder();
        foreach (var name in (string[])["fine", "odd"]) Reports.Write(new SampleRun { Name = name }.Write(Path.Combine(folder, name)));
        var path = Path.Combine(folder, "odd", file);
        var text = File.ReadAllText(path);
        Assert.Contains(written, text, StringComparison.Ordinal);
        File.WriteAllText(path, text.Replace(written, instead, StringComparison.Ordinal));
        Assert.Equal([false, true], new RunList(folder).Runs().Select(run => run.Problem is not null));
    }

    [Fact]
    public void A_folder_that_is_not_there_is_one_sentence() =>
        Assert.Equal("/no/such: there is no such folder; name one that holds runs.", Assert.Throws<InvalidDataException>(() => new RunList("/no/such")).Message);
}
