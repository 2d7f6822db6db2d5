using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Retort.Cli.Display;
using Retort.Cli.Grammar;

namespace Retort.Cli.Commands;

/// <summary><c>retort methods</c>: the list of methods.</summary>
static class Methods
{
    public static Command Command()
    {
        var json = SharedOptions.Json();
        var markdown = new Option<bool>("--markdown")
        {
            Description = "Prints PAPERS.md, in the repository's folder.", Hidden = true,
        };
        var command = new CommandWithExamples(
            "methods",
            "Lists the methods with their papers, pages and the outputs they need from teacher and student.",
            "retort methods")
        {
            json, markdown,
        };
        command.SetAction(result =>
        {
            var output = result.InvocationConfiguration.Output;
            output.Write(result.GetValue(markdown) ? MethodTable.Markdown(Environment.CurrentDirectory)
                : result.GetValue(json) ? JsonSerializer.Serialize(MethodTable.All(), Json.Indented) + "\n"
                : Table(TerminalWidth.Of(output)));
        });
        return command;
    }

    static string Table(int? width)
    {
        var rows = MethodTable.All().Select(method => (string[])
        [
            method.Key,
            method.Year == 0 ? "" : method.Year.ToString(CultureInfo.InvariantCulture),
            method.Teacher,
            method.Student,
            method.Page,
            method.Paper,
        ]);
        string[] head = ["key", "year", "teacher", "student", "page", "paper"];
        return string.Join('\n', PlainTable.Lines(head, head.Length, rows, width)) + "\n";
    }
}
