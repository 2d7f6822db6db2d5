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

/// <summary>The page of runs: what it answers. <c>./test slow</c> opens it in a browser.</summary>
public sealed class UiTests
{
    [Fact]
    public async Task Only_this_machine_can_read_and_only_what_is_there()
    {
        var folder = Folder();
        var (program, address) = Serve(folder);
        using var _ = program;
        using var client = new HttpClient { BaseAddress = address };
        Assert.True(IPAddress.IsLoopback(IPAddress.Parse(address.Host)));
        var runs = JsonNode.Parse(await client.GetStringAsync("api/runs"))!.AsArray();
        Assert.Equal(["a", "b", "broken", "deep/c", "open"], runs.Select(run => (string)run!["id"]!));
        Assert.Equal(
            Reports.Read(Path.Combine(folder, "a")).Student.Scores["accuracy"].Mean,
            (double)runs[0]!["scores"]!["accuracy"]!["mean"]!);
        Assert.Contains("results.json", (string)runs[2]!["problem"]!, StringComparison.Ordinal);
        Assert.Equal("accuracy", (string)runs.Single(run => (string)run!["id"]! == "open")!["task"]!["primary"]!);
        Assert.False((bool)runs[4]!["finished"]!);
        Assert.Equal(7, JsonNode.Parse(await client.GetStringAsync("api/curves/deep/c"))!.AsArray().Count);
        Assert.Equal(2, (int)JsonNode.Parse(await client.GetStringAsync("api/recipe/a"))!["method"]!["temperature"]!);
        Assert.Equal(
            File.ReadAllText(Path.Combine(folder, "a", "report.html")), await client.GetStringAsync("report/a"));

        foreach (var path in (string[])
        [
            "report/nothing", "report/..%2fa", "api/recipe/../../etc/passwd", "api/recipe/%2e%2e/a",
            "run.json",
        ])
            Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await client.PostAsync("api/runs", null)).StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await client.DeleteAsync("report/a")).StatusCode);
        using var elsewhere =
            new HttpRequestMessage(HttpMethod.Get, "api/runs") { Headers = { Host = "evil.example" } };
        Assert.Equal(HttpStatusCode.MisdirectedRequest, (await client.SendAsync(elsewhere)).StatusCode);
        Assert.Contains(
            "script-src 'self'",
            (await client.GetAsync("")).Headers.GetValues("Content-Security-Policy").Single(),
            StringComparison.Ordinal);
    }

    [Theory] // what no run of ours has: a word for a method, a teacher of no size
    [InlineData("run.json", "\"recipe\": {", "\"recipe\": { \"method\": \"kd\",")]
    [InlineData("results.json", "\"parameters\": ", "\"parameters\": -")]
    public void A_folder_that_cannot_be_read_is_named_and_hides_no_other(string file, string written, string instead)
    {
        var folder = Few.Folder();
        foreach (var name in (string[])["fine", "odd"])
            Reports.Write(new SampleRun { Name = name }.Write(Path.Combine(folder, name)));
        var path = Path.Combine(folder, "odd", file);
        var text = File.ReadAllText(path);
        Assert.Contains(written, text, StringComparison.Ordinal);
        File.WriteAllText(path, text.Replace(written, instead, StringComparison.Ordinal));
        Assert.Equal([false, true], new RunList(folder).Runs().Select(run => run.Problem is not null));
    }

    [Fact]
    public async Task What_a_link_points_to_is_not_served()
    {
        var folder = Few.Folder();
        var run = new SampleRun { Name = "open" }.Write(Path.Combine(folder, "a"));
        Reports.Write(run);
        var secret = Path.Combine(Few.Folder(), "secret");
        File.WriteAllText(secret, "outside");
        File.Delete(Path.Combine(run, "report.html"));
        File.CreateSymbolicLink(Path.Combine(run, "report.html"), secret);
        Directory.CreateSymbolicLink(Path.Combine(folder, "linked"), run);
        var (program, address) = Serve(folder);
        using var _ = program;
        using var client = new HttpClient { BaseAddress = address };
        foreach (var path in (string[])["report/a", "report/linked", "api/recipe/linked"])
            Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(path)).StatusCode);
    }

    [Fact]
    public async Task A_damaged_file_is_a_sentence()
    {
        var folder = Few.Folder();
        var run = new SampleRun { Name = "open" }.Write(Path.Combine(folder, "a"));
        Reports.Write(run);
        var metrics = Path.Combine(run, "networks", "student-seed1", "metrics.jsonl");
        File.WriteAllText(metrics, "{\"epoch\":1}\n");
        var (program, address) = Serve(folder);
        using var _ = program;
        using var client = new HttpClient { BaseAddress = address };
        var curves = JsonNode.Parse(await client.GetStringAsync("api/curves/a"))!.AsArray();
        var damaged = Assert.Single(curves, curve => curve!["problem"] is not null);
        Assert.StartsWith($"{metrics}, line 1 does not describe an epoch: ", (string)damaged!["problem"]!);

        File.WriteAllText(Path.Combine(run, "run.json"), "null");
        var recipe = await client.GetAsync("api/recipe/a");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, recipe.StatusCode);
        Assert.Contains("does not describe a run", await recipe.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_run_with_a_held_lock_is_running_and_its_page_loads_itself_again()
    {
        var folder = Few.Folder();
        var run = new SampleRun { Name = "open" }.Write(Path.Combine(folder, "a"));
        var list = new RunList(folder);
        Assert.False(list.Runs().Single().Running);
        Assert.DoesNotContain("http-equiv", list.ProgressOf("a"), StringComparison.Ordinal);

        var (program, address) = Serve(folder);
        using var _ = program;
        using var client = new HttpClient { BaseAddress = address };
        using (FolderLock.Take(run))
        {
            var listed = JsonNode.Parse(await client.GetStringAsync("api/runs"))!.AsArray().Single()!;
            Assert.Equal((true, 7), ((bool)listed["running"]!, (int)listed["networksInAll"]!));
            var page = await client.GetStringAsync("report/a");
            Assert.Contains("<meta http-equiv=\"refresh\" content=\"10\">", page, StringComparison.Ordinal);
            Assert.Contains("7 of 7 networks are done.", page, StringComparison.Ordinal);
        }
        Assert.False(list.Runs().Single().Running);

        // a killed process leaves the text of its lock
        File.WriteAllText(Path.Combine(run, "lock"), "process 1 on nowhere\n");
        Assert.False(list.Runs().Single().Running);
    }

    [Fact]
    public void A_run_is_read_again_when_its_files_change()
    {
        var folder = Few.Folder();
        var run = new SampleRun { Name = "open" }.Write(Path.Combine(folder, "a"));
        var list = new RunList(folder);
        Assert.False(list.Runs().Single().Finished);
        Reports.Write(run);
        Assert.True(list.Runs().Single().Finished);
        Assert.Same(list.Runs().Single(), list.Runs().Single());
    }

    [Fact]
    public void A_folder_that_is_not_there_is_one_sentence() =>
        Assert.Equal(
            "/no/such: there is no such folder; name one that holds runs.",
            Assert.Throws<InvalidDataException>(() => new RunList("/no/such")).Message);
}
