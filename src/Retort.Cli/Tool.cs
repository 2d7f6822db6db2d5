using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Retort.Cli.Commands;
using Retort.Cli.Display;
using Retort.Cli.Grammar;

namespace Retort.Cli;

/// <summary>The command-line tool: its verbs, exit codes and error messages.</summary>
/// <remarks>
/// <c>--version</c> must answer quickly, so nothing here may load libtorch or the terminal library.
/// </remarks>
static class Tool
{
    /// <summary>The root command with all verbs.</summary>
    public static RootCommand Root()
    {
        var root = new RootCommand("Trains small networks from large ones (knowledge distillation).")
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
            Commands.Index.Command(),
            New.Command(),
            Commands.Methods.Command(),
            Schema.Command(),
            Doctor.Command(),
            Completion.Command(),
            Worker.Command(),
        };
        root.Options.Add(Extensions.Option());
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpPage((HelpAction)help.Action!);
        return root;
    }

    /// <summary>Runs a command line.</summary>
    /// <returns>0: done. 1: refused or failed. 130: stopped by Ctrl-C. 143: stopped by SIGTERM.</returns>
    public static async Task<int> Run(string[] args, TextWriter output, TextWriter error)
    {
        (output, error) = (new PlainTextWriter(output), new PlainTextWriter(error));
        var root = Root();
        var parsed = root.Parse(args switch
        {
            [] => ["--help"],
            ["help", .. var words] => HelpOn(root, words),
            _ => args,
        });
        if (parsed.Action is ParseErrorAction) return Fail(error, UsageError.Message(parsed));

        // a hidden verb is that of a child process, whose parent handles the signals
        using var interrupt = new Interrupt(listen: !parsed.CommandResult.Command.Hidden, error);
        var configuration = new InvocationConfiguration
        {
            Output = output, Error = error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null,
        };
        try
        {
            foreach (var path in parsed.GetValue<string[]>(Extensions.Name) ?? []) Extensions.Load(path);
            var code = await parsed.InvokeAsync(configuration, interrupt.Token);
            return args.Length == 0 ? 1 : code;
        }
        catch (OperationCanceledException stopped) when (interrupt.Token.IsCancellationRequested)
        {
            var isDefault = stopped.Message == new OperationCanceledException().Message;
            Fail(error, isDefault ? "Stopped." : stopped.Message);
            return interrupt.Code;
        }
        catch (Exception failure)
        {
            Fail(error, Failure.Sentence(failure));
            if (Environment.GetEnvironmentVariable("RETORT_TRACE") == "1") Fail(error, failure.ToString());
            return 1;
        }
    }

    // of the verb that the words begin with, whatever follows; a first word that is no verb is refused as one
    static string[] HelpOn(Command root, string[] words)
    {
        var verbs = new List<string>();
        foreach (var word in words)
        {
            if (root.Subcommands.FirstOrDefault(verb => verb.Name == word) is not { } found) break;

            verbs.Add(word);
            root = found;
        }
        return verbs.Count == 0 && words.Length > 0 ? [words[0]] : [.. verbs, "--help"];
    }

    static int Fail(TextWriter error, string message)
    {
        error.WriteLine(ShellText.WithToolName(message));
        return 1;
    }
}
