using System.Text.Json.Nodes;
using Retort.Runs;
using Retort.Tests.Contract;
using Retort.Training;

namespace Retort.Tests.Training;

public sealed class RunFolderTests
{
    const string Command = "retort run mine.json";

    static RunInfo Card(string recipe = """{"training":{"epochs":3}}""", string data = "d1", int threads = 2) => new()
    {
        Recipe = JsonNode.Parse(recipe)!, RecipeName = "mine", RecipeHash = recipe, DataName = "toy", DataHash = data,
        Examples = new(1, 1, 1, 1),
        Seeds = [1],
        Threads = threads,
        Versions = new Dictionary<string, string> { ["torchsharp"] = "0.107.0" },
    };

    static string Refusal(string folder, RunInfo card, bool resume) =>
        Assert.Throws<InvalidOperationException>(() => RunFolder.Begin(folder, card, "{}", resume, Command)).Message;

    static string Begun()
    {
        var folder = Path.Combine(Few.Folder(), "run");
        RunFolder.Begin(folder, Card(), "{}", resume: false, Command).Dispose();
        Directory.CreateDirectory(Path.Combine(folder, "networks", "teacher"));
        File.WriteAllText(Path.Combine(folder, "networks", "teacher", "metrics.jsonl"), "");
        return folder;
    }

    [Theory, InlineData(true), InlineData(false)]
    public void A_run_that_failed_before_it_trained_anything_makes_way_for_the_corrected_recipe(bool resume)
    {
        var folder = Path.Combine(Few.Folder(), "run");
        RunFolder.Begin(folder, Card(), "{}", resume: false, Command).Dispose();
        Directory.CreateDirectory(Path.Combine(folder, "networks"));
        var corrected = Card("""{"training":{"epochs":5}}""");
        RunFolder.Begin(folder, corrected, "{ }", resume, Command).Dispose();
        Assert.Equal(corrected.RecipeHash, RunFolder.InfoIn(folder)!.RecipeHash);
        Assert.Equal("{ }\n", File.ReadAllText(Path.Combine(folder, "recipe.json")));
    }

    [Fact]
    public void An_unfinished_run_needs_resume_and_the_message_names_the_command()
    {
        var folder = Begun();
        Assert.Contains(
            $"`{Command} --out {folder} --resume`", Refusal(folder, Card(), resume: false), StringComparison.Ordinal);
        RunFolder.Begin(folder, Card(), "{}", resume: true, Command).Dispose();
    }

    [Fact]
    public void Resume_where_nothing_is_begins()
    {
        var folder = Path.Combine(Few.Folder(), "run");
        RunFolder.Begin(folder, Card(), "{}", resume: true, Command).Dispose();
        Assert.Equal("mine", RunFolder.InfoIn(folder)!.RecipeName);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void A_finished_run_is_refused_and_the_message_names_two_commands(bool resume)
    {
        var folder = Begun();
        File.WriteAllText(Path.Combine(folder, "results.json"), "{}");
        var message = Refusal(folder, Card(), resume);
        Assert.Contains($"`retort report {folder}`", message, StringComparison.Ordinal);
        Assert.Contains($"`{Command} --out {folder}-2`", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_of_another_recipe_is_refused_with_the_key_that_differs() => Assert.Contains(
        "another recipe: training.epochs is 3 there and 5 here",
        Refusal(Begun(), Card("""{"training":{"epochs":5}}"""), resume: true),
        StringComparison.Ordinal);

    [Fact]
    public void Another_count_of_seeds_is_refused_with_the_command_of_a_new_run()
    {
        var folder = Begun();
        Assert.Equal(
            $"{folder} was begun with 1 seed and cannot be continued with 3: "
                + $"`{Command} --out {folder}-2` begins a new run.",
            Refusal(folder, Card() with { Seeds = [1, 2, 3] }, resume: true));
    }

    [Fact]
    public void A_folder_of_other_data_is_refused_with_both_hashes() => Assert.Contains(
        "other data: its hash is d1 there and d2 here",
        Refusal(Begun(), Card(data: "d2"), resume: true),
        StringComparison.Ordinal);

    [Fact]
    public void Another_count_of_threads_is_refused_with_the_right_one() => Assert.Contains(
        "--resume --threads 2`", Refusal(Begun(), Card(threads: 1), resume: true), StringComparison.Ordinal);

    [Fact]
    public void The_command_that_goes_on_names_one_count_of_threads()
    {
        var message = Assert.Throws<InvalidOperationException>(() => RunFolder.Begin(
            Begun(), Card(threads: 1), "{}", resume: true, Command + " --threads 1 --jobs 2")).Message;
        Assert.Matches($"`{Command} --jobs 2 --out [^ ]+ --resume --threads 2` continues it", message);
    }

    [Fact]
    public void What_is_another_run_is_never_offered_to_be_gone_on_with() => Assert.DoesNotContain(
        "--resume", Refusal(Begun(), Card(data: "d2"), resume: false), StringComparison.Ordinal);

    [Fact]
    public void A_folder_of_something_else_is_left_alone()
    {
        var folder = Few.Folder();
        File.WriteAllText(Path.Combine(folder, "thesis.tex"), "");
        Assert.Contains(
            "is not empty and holds no run", Refusal(folder, Card(), resume: true), StringComparison.Ordinal);
        Assert.Equal(["thesis.tex"], Directory.GetFileSystemEntries(folder).Select(Path.GetFileName));
    }

    [Fact] // retort ui opens the lock's file for a moment to see whether it is held
    public async Task A_lock_whose_file_is_read_for_a_moment_can_be_taken()
    {
        var folder = Path.Combine(Few.Folder(), "run");
        RunFolder.Begin(folder, Card(), "{}", resume: false, Command).Dispose();
        var file = new FileStream(Path.Combine(folder, "lock"), FileMode.Open, FileAccess.Read, FileShare.Read);
        var closed = Task.Delay(50, TestContext.Current.CancellationToken).ContinueWith(
            _ => file.Dispose(), TaskScheduler.Default);
        RunFolder.Begin(folder, Card(), "{}", resume: true, Command).Dispose();
        await closed;
    }

    [Fact]
    public void Two_cannot_work_in_one_folder()
    {
        var folder = Path.Combine(Few.Folder(), "run");
        using (RunFolder.Begin(folder, Card(), "{}", resume: false, Command))
            Assert.Contains(
                "Another process is at work in", Refusal(folder, Card(), resume: true), StringComparison.Ordinal);
        RunFolder.Begin(folder, Card(), "{}", resume: true, Command).Dispose();
    }

    [Fact]
    public void Drafts_of_a_killed_process_are_cleared_away()
    {
        var folder = Begun();
        File.WriteAllText(Path.Combine(folder, "tuning.json.7.draft"), "half");
        RunFolder.Begin(folder, Card(), "{}", resume: true, Command).Dispose();
        Assert.False(File.Exists(Path.Combine(folder, "tuning.json.7.draft")));
    }

    [Fact]
    public void A_damaged_card_is_named()
    {
        var folder = Begun();
        File.WriteAllText(Path.Combine(folder, "run.json"), "{ \"recipe\": ");
        var error =
            Assert.Throws<InvalidDataException>(() => RunFolder.Begin(folder, Card(), "{}", resume: true, Command));
        Assert.StartsWith(
            $"{Path.Combine(folder, "run.json")} does not describe a run:", error.Message, StringComparison.Ordinal);
    }
}
