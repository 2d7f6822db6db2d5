using System.Text.Json;
using System.Text.RegularExpressions;
using Retort.Cli;
using Retort.Cli.Display;
using Retort.Data;
using Retort.Recipes;

namespace Retort.Tests.Cli;

/// <summary>The command line without training.</summary>
public sealed class ToolTests
{
    [Theory]
    [InlineData("retort: \"rnu\" is not known here; did you mean \"run\"?", "rnu")]
    [InlineData("retort: \"--verison\" is not known here; did you mean \"--version\"?", "--verison")]
    [InlineData(
        "retort run: \"--sedes\" is not known here; did you mean \"--seeds\"?", "run", "r.json", "--sedes", "3")]
    [InlineData(
        "retort run: \"extra\" is one argument too many; `retort run --help` shows an example.",
        "run", "r.json", "--json", "extra")]
    [InlineData(
        "\"mnsit\" cannot be downloaded; the datasets are fashion-mnist, mnist, cifar-10, cifar-100.",
        "data", "get", "mnsit")]
    [InlineData("retort run: RECIPE is missing; `retort run --help` shows an example.", "run")]
    [InlineData(
        "retort run: --seeds must be a whole number of at least 1; it is \"0\".", "run", "r.json", "--seeds", "0")]
    [InlineData(
        "retort run: --seeds must be a whole number of at least 1; it is \"many\".",
        "run", "r.json", "--seeds", "many")]
    [InlineData(
        "retort run: --threads must be a whole number of at least 0; it is \"1.5\".",
        "run", "r.json", "--threads", "1.5")]
    [InlineData("retort run: --out must be the path of a folder; it is empty.", "run", "r.json", "--out", "")]
    [InlineData("retort run: --device must be cpu or cuda; it is \"tpu\".", "run", "r.json", "--device", "tpu")]
    [InlineData(
        "retort report: --check and --compare cannot be combined: use one of them.",
        "report", "--check", "--compare", "a", "b")]
    [InlineData("retort data needs one of list, get, apply.", "data")]
    [InlineData("retort data: \"lst\" is not known here; did you mean \"list\"?", "data", "lst")]
    [InlineData("retort data get: NAME is missing; `retort data get --help` shows an example.", "data", "get")]
    [InlineData("retort completion: SHELL must be one of bash, zsh, fish, pwsh; it is \"cmd\".", "completion", "cmd")]
    [InlineData("nothing-here.json: there is no such file.", "run", "nothing-here.json")]
    [InlineData("nothing-here: there is no such folder.", "evaluate", "nothing-here")]
    [InlineData("nothing-here holds no run: recipe.json is missing.", "report", "nothing-here")]
    [InlineData("student \"lanet\" is not known; did you mean \"lenet\"?", "new", "x", "--student", "lanet")]
    public async Task A_failure_is_one_sentence_on_the_error_output_and_exit_code_1(
        string sentence, params string[] arguments)
    {
        var (code, output, error) = await Call(arguments);
        Assert.Equal((1, "", sentence + "\n"), (code, output, error));
    }

    [Fact]
    public async Task Help_of_every_verb_ends_with_examples_under_the_tools_name()
    {
        var verbs = Tool.Root().Subcommands.Where(verb => !verb.Hidden).SelectMany(verb =>
            (string[][])[[verb.Name], .. verb.Subcommands.Select(child => (string[])[verb.Name, child.Name])]);
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
    public async Task Without_a_verb_it_shows_its_help_and_exits_with_1()
    {
        var (code, output, error) = await Call();
        Assert.Equal((1, ""), (code, error));
        foreach (var verb in Tool.Root().Subcommands)
            Assert.Equal(!verb.Hidden, output.Contains($"\n  {verb.Name} ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("retort ru", "run")]
    [InlineData("retort run --se", "--seeds")]
    [InlineData("retort new x --student le", "lenet")]
    [InlineData("retort run r.json --device ", "cuda")]
    [InlineData("retort completion ", "bash")]
    [InlineData("retort data get fash", "fashion-mnist")]
    public async Task A_shell_gets_the_completions_of_a_word(string line, string word)
    {
        var (code, output, _) = await Call($"[suggest:{line.Length}]", line);
        Assert.Equal(0, code);
        Assert.Contains(word, output.Split('\n'));
    }

    [Fact]
    public async Task Methods_lists_key_year_outputs_page_and_paper()
    {
        var (code, output, _) = await Call("methods");
        Assert.Equal(0, code);
        var lines = output.Split('\n');
        Assert.Matches("^key +year  teacher +student +page +paper$", lines[0]);
        Assert.Contains(lines, line => Regex.IsMatch(line, "^kd +2015  logits +logits +docs/methods/kd.md +Hinton"));
        const string Beta = "^beta +2020  nothing +logits, logits of its average +docs/methods/beta.md +Zhang";
        Assert.Contains(lines, line => Regex.IsMatch(line, Beta));
        var json = JsonDocument.Parse((await Call("methods", "--json")).Output).RootElement;
        Assert.Equal(
            Registry.Methods.Keys.Concat(MethodTable.Measures.Keys),
            json.EnumerateArray().Select(method => method.GetProperty("key").GetString()));
    }

    [Fact]
    public async Task Data_list_prints_the_shipped_datasets_and_how_to_download_others()
    {
        var (code, output, error) = await Call("data", "list");
        Assert.Equal((0, ""), (code, error));
        foreach (var set in Downloads.Known)
            Assert.Matches($@"(?m)^{set.Name} +(available|downloaded) +[0-9.]+ MB  ", output);
        var json = JsonDocument.Parse((await Call("data", "list", "--json")).Output).RootElement;
        var sets = json.EnumerateArray().ToList();
        Assert.Equal(
            ["digits", "fashion-mnist-12k", "wordnet-nouns-12k", "fashion-mnist", "mnist", "cifar-10", "cifar-100"],
            sets.Select(set => set.GetProperty("name").GetString()));
        foreach (var set in sets.Take(3))
        {
            Assert.Equal("shipped", set.GetProperty("state").GetString());
            Assert.True(Path.Exists(set.GetProperty("path").GetString()));
        }
    }

    [Fact]
    public async Task New_writes_a_recipe_once()
    {
        var path = Path.Combine(Contract.Few.Folder(), "mine");
        var (code, output, error) = await Call("new", path, "--student", "mlp", "--data", "toy");
        Assert.Equal(
            (0, $"{path}.json was written; `retort run {path}.json` runs it.\n", ""), (code, output, error));
        Assert.IsType<Retort.Models.MlpOptions>(Recipe.Read(path + ".json").Student);
        var before = await File.ReadAllTextAsync(path + ".json");
        var again = await Call("new", path);
        Assert.Equal(
            (1, $"{path}.json exists already: choose another name, or remove it first.\n"), (again.Code, again.Error));
        Assert.Equal(before, await File.ReadAllTextAsync(path + ".json"));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(path)!));
    }

    [Theory]
    [InlineData(null, "retort run")]
    [InlineData("./retort", "./retort run")]
    [InlineData("/opt/my tools/retort", "'/opt/my tools/retort' run")]
    public async Task A_message_has_the_command_as_it_was_typed(string? called, string command)
    {
        Environment.SetEnvironmentVariable("RETORT_CALLED", called);
        try
        {
            Assert.Equal(
                $"retort run: RECIPE is missing; `{command} --help` shows an example.\n", (await Call("run")).Error);
        }
        finally
        {
            Environment.SetEnvironmentVariable("RETORT_CALLED", null);
        }
    }

    [Fact]
    public void Any_failure_becomes_one_line_without_type_names()
    {
        const string Rule = "seeds must be at least 1; it is 0.";
        Assert.Equal(Rule, Failure.Sentence(new ArgumentException(Rule, "seeds")));
        var empty = new AggregateException(new InvalidDataException("r.json is empty."));
        Assert.Equal("r.json is empty.", Failure.Sentence(empty));
        var defect = Record.Exception(() => (string)(object)0)!;
        Assert.StartsWith("This is a defect of Retort", Failure.Sentence(defect), StringComparison.Ordinal);
        var missing = new TypeInitializationException("T", new DllNotFoundException("no x.so."));
        Assert.StartsWith(
            "A native library of libtorch cannot be loaded (no x.so); `retort doctor`",
            Failure.Sentence(missing),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_failure_of_libtorch_is_cut_to_its_first_line()
    {
        using var scope = torch.NewDisposeScope();
        var failure = Record.Exception(() => torch.mm(torch.zeros(2, 3), torch.zeros(2, 3)))!;
        Assert.Equal(
            "libtorch failed: mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3) (RETORT_TRACE=1 shows where)",
            Failure.Sentence(failure));
    }

    internal static async Task<(int Code, string Output, string Error)> Call(params string[] arguments)
    {
        var output = new StringWriter { NewLine = "\n" };
        var error = new StringWriter { NewLine = "\n" };
        var code = await Tool.Run(arguments, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
