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

/// <summary>The page of runs: its requests, and the page in a real browser.</summary>
public sealed class UiTests
{
    // three finished runs, one of them in a subfolder, an unfinished one, and one whose results are no JSON
    static string RunsFolder()
    {
        var folder = Few.Folder();
        foreach (var (name, skill) in new[] { ("b", 2.0), ("a", 3.0), ("deep/c", 2.5) })
        {
            var run = new SampleRun { Name = $"recipe {name[^1]}", StudentSkill = skill };
            Reports.Write(run.Write(Path.Combine(folder, name)));
        }
        new SampleRun { Name = "open" }.Write(Path.Combine(folder, "open"));
        File.WriteAllText(Path.Combine(Sample(folder, "broken"), "results.json"), "{");
        SetTemperature(Path.Combine(folder, "a", "run.json"), 2);
        SetTemperature(Path.Combine(folder, "b", "run.json"), 8);
        return folder;

        static string Sample(string folder, string name) =>
            new SampleRun { Name = name }.Write(Path.Combine(folder, name));

        static void SetTemperature(string path, int temperature)
        {
            var run = JsonNode.Parse(File.ReadAllText(path))!;
            run["recipe"]!["method"] = new JsonObject { ["name"] = "kd", ["temperature"] = temperature };
            File.WriteAllText(path, run.ToJsonString());
        }
    }

    static (Started Program, Uri Address) Serve(string folder)
    {
        var program = new Started(TestRuns.Program, "ui", folder, "--port", "0");
        return (program, new("http" + program.After("http").Split(' ')[0]));
    }

    [Fact]
    public async Task It_serves_runs_to_this_machine_and_refuses_all_else()
    {
        var folder = RunsFolder();
        var (program, address) = Serve(folder);
        using var _ = program;
        using var client = new HttpClient { BaseAddress = address };
        Assert.True(IPAddress.IsLoopback(IPAddress.Parse(address.Host)));
        var runs = JsonNode.Parse(await client.GetStringAsync("api/runs"))!.AsArray();
        Assert.Equal(["a", "b", "broken", "deep/c", "open"], runs.Select(run => (string)run!["id"]!));
        var accuracy = Reports.Read(Path.Combine(folder, "a")).Student.Accuracy.Mean;
        Assert.Equal(accuracy, (double)runs[0]!["accuracy"]!["mean"]!);
        Assert.Contains("results.json", (string)runs[2]!["problem"]!, StringComparison.Ordinal);
        Assert.False((bool)runs[4]!["finished"]!);
        Assert.Equal(7, JsonNode.Parse(await client.GetStringAsync("api/curves/deep/c"))!.AsArray().Count);
        var recipe = JsonNode.Parse(await client.GetStringAsync("api/recipe/a"))!;
        Assert.Equal(2, (int)recipe["method"]!["temperature"]!);
        Assert.Equal(
            File.ReadAllText(Path.Combine(folder, "a", "report.html")), await client.GetStringAsync("report/a"));

        string[] missing =
        [
            "report/nothing", "report/open", "report/..%2fa", "api/recipe/../../etc/passwd", "api/recipe/%2e%2e/a",
            "run.json",
        ];
        foreach (var path in missing) Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await client.PostAsync("api/runs", null)).StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await client.DeleteAsync("report/a")).StatusCode);
        using var elsewhere = new HttpRequestMessage(HttpMethod.Get, "api/runs")
        {
            Headers = { Host = "evil.example" },
        };
        Assert.Equal(HttpStatusCode.MisdirectedRequest, (await client.SendAsync(elsewhere)).StatusCode);
        var policy = (await client.GetAsync("")).Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("script-src 'self'", policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_browser_sorts_filters_and_compares_runs()
    {
        var chromium = Browser.Find();
        Assert.SkipWhen(chromium is null, "There is no chromium on the path; RETORT_CHROMIUM can name one.");
        var (program, address) = Serve(RunsFolder());
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

    [Theory] // what Retort never writes: a text for a method, a teacher with a negative size
    [InlineData("run.json", "\"recipe\": {", "\"recipe\": { \"method\": \"kd\",")]
    [InlineData("results.json", "\"parameters\": ", "\"parameters\": -")]
    public void A_run_that_cannot_be_read_is_listed_with_its_problem(string file, string text, string replacement)
    {
        var folder = Few.Folder();
        foreach (var name in (string[])["fine", "odd"])
            Reports.Write(new SampleRun { Name = name }.Write(Path.Combine(folder, name)));
        var path = Path.Combine(folder, "odd", file);
        var content = File.ReadAllText(path);
        Assert.Contains(text, content, StringComparison.Ordinal);
        File.WriteAllText(path, content.Replace(text, replacement, StringComparison.Ordinal));
        Assert.Equal([false, true], new RunList(folder).Runs().Select(run => run.Problem is not null));
    }

    [Fact]
    public void A_missing_folder_is_refused_in_one_sentence()
    {
        var error = Assert.Throws<InvalidDataException>(() => new RunList("/no/such"));
        Assert.Equal("/no/such: there is no such folder; name one that holds runs.", error.Message);
    }
}
