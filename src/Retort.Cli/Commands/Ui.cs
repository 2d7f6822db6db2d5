using Retort.Report;
using System.CommandLine;
using System.Net;
using Retort.Cli.Grammar;
using Retort.Studies;

namespace Retort.Cli.Commands;

/// <summary>A page that lists and compares the runs below a folder.</summary>
static class Ui
{
    const int UsualPort = 7117;

    public static Command Command()
    {
        var folder = new Argument<string>("DIR") { Description = "A folder that holds runs, at any depth down to four.", DefaultValueFactory = _ => "runs" };
        var port = CommonOptions.Whole("--port", 0, $"Where it listens; {UsualPort} where it is left out, 0 for any that is free.");
        var host = new Option<string?>("--host") { Description = "An address of this machine, to be seen from others; from this machine alone where it is left out.", HelpName = "address" };
        var command = new CommandWithExamples("ui", "Shows the runs below a folder in a browser: a table, curves over each other, recipes side by side.",
            "retort ui runs", "retort ui runs --port 8000") { folder, port, host };
        command.SetAction(async (result, token) =>
        {
            var address = result.GetValue(host) is { } given ? Address(given) : null;
            var output = result.InvocationConfiguration.Output;
            var wanted = result.GetValue(port) ?? UsualPort;
            if (wanted > IPEndPoint.MaxPort) throw new InvalidDataException(FormattableString.Invariant($"--port must be at most {IPEndPoint.MaxPort}; it is {wanted}."));
            try
            {
                await Site.Site.Serve(new RunList(result.GetRequiredValue(folder)), address, wanted, at => output.WriteLine($"{at}/   (Ctrl-C ends it)"), token);
            }
            catch (IOException error) when (error.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
            {
                throw new InvalidOperationException(FormattableString.Invariant($"Port {wanted} is taken by another program: choose one with --port, 0 for any that is free."), error);
            }
            return 0;
        });
        return command;
    }

    static IPAddress Address(string text) => IPAddress.TryParse(text, out var address) ? address
        : throw new InvalidDataException($"--host must be an address, as in 0.0.0.0 for all of this machine's; it is \"{text}\".");
}
