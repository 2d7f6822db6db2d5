using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace Retort.Cli.Grammar;

/// <summary>The library's help under the tool's own name, with the verb's examples.</summary>
sealed class HelpPage(HelpAction usual) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult result)
    {
        var output = result.InvocationConfiguration.Output;
        var page = new StringWriter();
        result.InvocationConfiguration.Output = page;
        usual.Invoke(result);
        result.InvocationConfiguration.Output = output;
        output.Write(page.ToString().Replace(RootCommand.ExecutableName, "retort", StringComparison.Ordinal).TrimEnd());
        output.WriteLine();
        if (result.CommandResult.Command is CommandWithExamples { Examples: { Count: > 0 } examples })
        {
            output.WriteLine();
            output.WriteLine(examples.Count == 1 ? "Example:" : "Examples:");
            foreach (var example in examples) output.WriteLine($"  {example}");
        }
        return 0;
    }
}
