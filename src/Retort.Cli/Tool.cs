using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Retort.Cli.Commands;
using Retort.Cli.Grammar;

namespace Retort.Cli;

/// <summary>The whole tool: its verbs, and what becomes of what they throw.</summary>
/// <remarks>Nothing here may touch the engine or the terminal library: <c>--version</c> answers before either is loaded.</remarks>
static class Tool
{
    /// <summary>All verbs, one line each.</summary>
    public static RootCommand Root()
    {
        var root = new RootCommand("Makes small models that do the work of big ones.")
        {
            Commands.Run.Command(),
            Commands.Plan.Command(),
            Study.Command(),
            Search.Command(),
            Commands.Data.Command(),
            Cache.Command(),
            Evaluate.Command(),
            Predict.Command(),
            Commands.Convert.Command(),
            Commands.Report.Command(),
            Ui.Command(),
            Commands.Export.Command(),
            Inspect.Command(),
            New.Command(),
            Commands.Methods.Command(),
            Schema.Command(),
            Doctor.Command(),
            Completion.Command(),
            Work.Command(),
        };
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpPage((HelpAction)help.Action!);
        return root;
    }

    /// <summary>Carries a command line out. 0: done, 1: refused or failed, 130: stopped by Ctrl-C (143: by SIGTERM).</summary>
    public static async Task<int> Run(string[] args, TextWriter output, TextWriter error)
    {
        var root = Root();
        var parsed = root.Parse(args.Length == 0 ? ["--help"] : args);
        if (parsed.Action is ParseErrorAction) return Say(error, UsageError.Of(parsed));
        using var interrupt = new Interrupt(listen: !parsed.CommandResult.Command.Hidden);   // a child's parent decides for it
        try
        {
            var code = await parsed.InvokeAsync(new()
            {
                Output = output, Error = error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null,
            }, interrupt.Token);
            return args.Length == 0 ? 1 : code;
        }
        catch (OperationCanceledException stopped) when (interrupt.Token.IsCancellationRequested)
        {
            Say(error, stopped.Message == new OperationCanceledException().Message ? "Stopped." : stopped.Message);
            return interrupt.Code;
        }
        catch (Exception failure)
        {
            Say(error, Failure.Sentence(failure));
            if (Environment.GetEnvironmentVariable("RETORT_TRACE") == "1") Say(error, failure.ToString());
            return 1;
        }
    }

    static int Say(TextWriter error, string text)
    {
        error.WriteLine(AsCalled(text));
        return 1;
    }

    /// <summary>A text with its commands as they must be typed here: the script of a checkout is no command of the system's.</summary>
    public static string AsCalled(string text) => Environment.GetEnvironmentVariable("RETORT_CALLED") is { Length: > 0 } called
        ? text.Replace("`retort ", $"`{(called.Contains(' ', StringComparison.Ordinal) ? $"'{called}'" : called)} ", StringComparison.Ordinal)
        : text;
}
