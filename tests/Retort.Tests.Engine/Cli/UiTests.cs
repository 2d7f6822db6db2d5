using System.Net;
using System.Text.Json.Nodes;
using Retort.Report;
using Retort.Runs;
using Retort.Studies;
using Retort.Tests.Contract;
using Retort.Tests.Recipes;
using Retort.Tests.Studies;
using static Retort.Tests.Cli.ServedRuns;

namespace Retort.Tests.Cli;

/// <summary>The page of runs: its requests. <c>./test slow</c> opens it in a browser.</summary>
public sealed class UiTests
{
    [Fact]
    public async Task It_serves_runs_to_this_machine_and_refuses_all_else()
    {
        var folder = Folder();
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
