using System.Text.Json;
using System.Text.RegularExpressions;
using Retort.Cli;
using Retort.Cli.Display;
using Retort.Recipes;
using Retort.Runs;

namespace Retort.Tests.Cli;

/// <summary>The command line as a person or a script meets it, short of training.</summary>
public sealed class ToolTests
{
    [Theory]
    [InlineData("retort: \"rnu\" is not known here; did you mean \"run\"?", "rnu")]
    [InlineData("retort: \"--verison\" is not known here; did you mean \"--version\"?", "--verison")]
    [InlineData("retort run: \"--sedes\" is not known here; did you mean \"--seeds\"?", "run", "r.json", "--sedes", "3")]
    [InlineData("retort run: \"extra\" is one word too many; `retort run --help` shows an example.", "run", "r.json", "--json", "extra")]
    [InlineData("\"mnsit\" is not among the sets that can be downloaded: fashion-mnist, mnist, cifar-10, cifar-100.", "data", "get", "mnsit")]
    [InlineData("retort run: RECIPE is missing; `retort run --help` shows an example.", "run")]
    [InlineData("retort run: --seeds must be a whole number of at least 1; it is \"0\".", "run", "r.json", "--seeds", "0")]
    [InlineData("retort run: --seeds must be a whole number of at least 1; it is \"many\".", "run", "r.json", "--seeds", "many")]
    [InlineData("retort run: --threads must be a whole number of at least 0; it is \"1.5\".", "run", "r.json", "--threads", "1.5")]
    [InlineData("retort run: --device must be cpu or cuda; it is \"tpu\".", "run", "r.json", "--device", "tpu")]
    [InlineData("retort data needs one of list, get.", "data")]
    [InlineData("retort data: \"lst\" is not known here; did you mean \"list\"?", "data", "lst")]
    [InlineData("retort data get: NAME is missing; `retort data get --help` shows an example.", "data", "get")]
    [InlineData("retort completion: SHELL must be one of bash, zsh, fish, pwsh; it is \"cmd\".", "completion", "cmd")]
    [InlineData("nothing-here.json: there is no such file.", "run", "nothing-here.json")]
    [InlineData("nothing-here: there is no such folder.", "evaluate", "nothing-here")]
    [InlineData("nothing-here holds no run: recipe.json is missing.", "report", "nothing-here")]
    [InlineData("student \"lanet\" is not known; did you mean \"lenet\"?", "new", "x", "--student", "lanet")]
    public async Task What_cannot_be_done_is_one_sentence_on_the_error_output_and_1(string sentence, params string[] arguments)
    {
        var (code, output, error) = await Call(arguments);
        Assert.Equal((1, "", sentence + "\n"), (code, output, error));
    }

    [Fact]
    public async Task Help_of_every_verb_ends_with_examples_under_the_tools_name()
    {
        string[][] verbs = [.. Tool.Root().Subcommands.Where(verb => !verb.Hidden).SelectMany(verb =>
            (string[][])[[verb.Name], .. verb.Subcommands.Select(below => (string[])[verb.Name, below.Name])])];
        foreach (var verb in verbs)
        {
            var (code, output, error) = await Call([.. verb, "--help"]);
            Assert.Equal((0, ""), (code, error));
            var words = string.Join(' ', verb);
            Assert.Contains($"Usage:\n  retort {words}", output, StringComparison.Ordinal);
            Assert.Matches($@"\nExamples?:\n(  .*retort {words}.*\n)+$", output);
            Assert.DoesNotContain("System.", output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Without_a_verb_it_shows_its_help_and_1()
    {
        var (code, output, error) = await Call();
        Assert.Equal((1, ""), (code, error));
        foreach (var verb in Tool.Root().Subcommands) Assert.Equal(!verb.Hidden, output.Contains($"\n  {verb.Name} ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("retort ru", "run")]
    [InlineData("retort run --se", "--seeds")]
    [InlineData("retort new x --student le", "lenet")]
    [InlineData("retort run r.json --device ", "cuda")]
    [InlineData("retort completion ", "bash")]
    [InlineData("retort data get fash", "fashion-mnist")]
    public async Task A_shell_is_told_how_a_word_may_end(string line, string word)
    {
        var (code, output, _) = await Call($"[suggest:{line.Length}]", line);
        Assert.Equal(0, code);
        Assert.Contains(word, output.Split('\n'));
    }

    [Fact]
    public async Task Methods_lists_key_year_needs_page_and_paper()
    {
        var (code, output, _) = await Call("methods");
        Assert.Equal(0, code);
        var lines = output.Split('\n');
        Assert.Matches("^key +year  teacher  student +page +paper$", lines[0]);
        Assert.Contains(lines, line => Regex.IsMatch(line, "^kd +2015  logits   logits +docs/methods/kd.md +Hinton"));
        Assert.Contains(lines, line => Regex.IsMatch(line, "^beta +2020  nothing  logits, logits of its average  docs/methods/beta.md +Zhang"));
        var found = JsonDocument.Parse((await Call("methods", "--json")).Output).RootElement.EnumerateArray().Select(method => method.GetProperty("key").GetString());
        Assert.Equal(Registry.Methods.Keys.Concat(MethodTable.Measures.Keys), found);
    }

    [Fact]
    public async Task Data_list_names_what_is_shipped_where_it_lies_and_how_to_bring_the_rest()
    {
        var (code, output, error) = await Call("data", "list");
        Assert.Equal((0, ""), (code, error));
        foreach (var set in Retort.Data.Downloads.Known) Assert.Matches($@"(?m)^{set.Name} +(available|downloaded) +[0-9.]+ MB  ", output);
        var sets = JsonDocument.Parse((await Call("data", "list", "--json")).Output).RootElement.EnumerateArray().ToList();
        Assert.Equal(["digits", "fashion-mnist-12k", "fashion-mnist", "mnist", "cifar-10", "cifar-100"], sets.Select(set => set.GetProperty("name").GetString()));
        Assert.All(sets.Take(2), set => Assert.True(set.GetProperty("state").GetString() == "shipped" && Path.Exists(set.GetProperty("path").GetString())));
    }

    [Fact]
    public async Task New_writes_a_recipe_once()
    {
        var path = Path.Combine(Contract.Few.Folder(), "mine");
        var (code, output, error) = await Call("new", path, "--student", "mlp", "--data", "toy");
        Assert.Equal((0, $"{path}.json is written: `retort run {path}.json` carries it out.\n", ""), (code, output, error));
        Assert.IsType<Retort.Models.MlpOptions>(Recipe.Read(path + ".json").Student);
        var before = await File.ReadAllTextAsync(path + ".json");
        Assert.Equal((1, $"{path}.json is there already: choose another name, or remove it first.\n"), ((await Call("new", path)) is var again ? (again.Code, again.Error) : default));
        Assert.Equal(before, await File.ReadAllTextAsync(path + ".json"));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(path)!));
    }

    [Theory]
    [InlineData(null, "retort run")]
    [InlineData("./retort", "./retort run")]
    [InlineData("/opt/my tools/retort", "'/opt/my tools/retort' run")]
    public async Task A_message_names_the_command_as_the_script_was_called(string? called, string command)
    {
        Environment.SetEnvironmentVariable("RETORT_CALLED", called);
        try
        {
            Assert.Equal($"retort run: RECIPE is missing; `{command} --help` shows an example.\n", (await Call("run")).Error);
        }
        finally
        {
            Environment.SetEnvironmentVariable("RETORT_CALLED", null);
        }
    }

    [Fact]
    public void Whatever_fails_becomes_one_line_without_type_names()
    {
        Assert.Equal("seeds must be at least 1; it is 0.", Failure.Sentence(new ArgumentException("seeds must be at least 1; it is 0.", "seeds")));
        Assert.Equal("r.json is empty.", Failure.Sentence(new AggregateException(new InvalidDataException("r.json is empty."))));
        Assert.StartsWith("A defect of Retort came to light", Failure.Sentence(Record.Exception(() => (string)(object)0)!), StringComparison.Ordinal);
        Assert.StartsWith("The engine's native library cannot be loaded (no x.so); `retort doctor`",
            Failure.Sentence(new TypeInitializationException("T", new DllNotFoundException("no x.so."))), StringComparison.Ordinal);
    }

    [Fact]
    public void The_engines_refusal_is_cut_to_its_first_line()
    {
        using var scope = torch.NewDisposeScope();
        var refusal = Record.Exception(() => torch.mm(torch.zeros(2, 3), torch.zeros(2, 3)))!;
        Assert.Equal("The engine refused: mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3) (RETORT_TRACE=1 shows where)", Failure.Sentence(refusal));
    }

    internal static async Task<(int Code, string Output, string Error)> Call(params string[] arguments)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var code = await Tool.Run(arguments, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
