using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Retort.Cli.Display;
using Retort.Cli.Grammar;
using Retort.Recipes;
using Retort.Runs;
using Retort.Training;

namespace Retort.Cli.Commands;

/// <summary>What can be distilled with.</summary>
static class Methods
{
    public static Command Command()
    {
        var json = CommonOptions.Json();
        var markdown = new Option<bool>("--markdown") { Description = "Prints PAPERS.md; to be run in the repository.", Hidden = true };
        var command = new CommandWithExamples("methods", "Lists the methods: key, paper, what each needs of teacher and student, page.", "retort methods") { json, markdown };
        command.SetAction(result => result.InvocationConfiguration.Output.Write(
            result.GetValue(markdown) ? MethodTable.Markdown(Environment.CurrentDirectory)
            : result.GetValue(json) ? JsonSerializer.Serialize(MethodTable.All(), Json.Indented) + "\n"
            : Table()));
        return command;
    }

    static string Table() => string.Join('\n', PlainTable.Lines(["key", "year", "teacher", "student", "page", "paper"], 6, MethodTable.All().Select(method => (string[])
    [
        method.Key, method.Year == 0 ? "" : method.Year.ToString(CultureInfo.InvariantCulture), method.Teacher, method.Student, method.Page, method.Paper,
    ]))) + "\n";
}
