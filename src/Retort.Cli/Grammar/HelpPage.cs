using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Retort.Cli.Grammar;

/// <summary>System.CommandLine's help with the tool's own name and the verb's examples.</summary>
sealed class HelpPage(HelpAction defaultHelp) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult result)
    {
        var output = result.InvocationConfiguration.Output;
        var page = new StringWriter();
        result.InvocationConfiguration.Output = page;
        defaultHelp.Invoke(result);
        result.InvocationConfiguration.Output = output;

        var text = page.ToString().Replace(RootCommand.ExecutableName, "retort", StringComparison.Ordinal);
        output.WriteLine(text.TrimEnd());
        if (result.CommandResult.Command is RootCommand) WriteStart(output);
        if (result.CommandResult.Command is CommandWithExamples { Examples: { Count: > 0 } examples })
        {
            output.WriteLine();
            output.WriteLine(examples.Count == 1 ? "Example:" : "Examples:");
            foreach (var example in examples) output.WriteLine($"  {example}");
        }
        return 0;
    }

    static void WriteStart(TextWriter output)
    {
        output.WriteLine();
        output.WriteLine("Start with your own data:");
        output.WriteLine("  retort new photos path/to/images     looks at a folder of images and writes photos.json");
        output.WriteLine("  retort run photos.json               trains teacher, control and student, and compares");
        output.WriteLine("  retort export runs/photos            writes the student as ONNX");
    }
}
