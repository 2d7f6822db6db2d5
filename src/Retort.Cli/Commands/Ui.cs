using System.CommandLine;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Retort.Cli.Grammar;
using Retort.Report;
using static System.FormattableString;

namespace Retort.Cli.Commands;

/// <summary><c>retort ui</c>: serves a page that lists and compares runs.</summary>
static class Ui
{
    const int DefaultPort = 7117;

    public static Command Command()
    {
        var folder = new Argument<string>("DIR")
        {
            Description = "A folder with runs, up to four levels deep.", DefaultValueFactory = _ => "runs",
        };
        var port = SharedOptions.Integer(
            "--port", 0, $"The port to listen on; by default {DefaultPort}, and 0 chooses a free one.");
        var host = SharedOptions.Text(
            "--host", "address", "An address of this machine to listen on; by default only this machine can connect.");
        var command = new CommandWithExamples(
            "ui",
            "Shows runs in a browser: a table, their curves in one chart, and their recipes side by side.",
            "retort ui runs",
            "retort ui runs --port 8000")
        {
            folder, port, host,
        };
        command.SetAction(async (result, token) =>
        {
            var address = result.GetValue(host) is { } text ? ParseAddress(text) : null;
            var number = result.GetValue(port) ?? DefaultPort;
            if (number > IPEndPoint.MaxPort)
                throw new InvalidDataException(
                    Invariant($"--port must be at most {IPEndPoint.MaxPort}; it is {number}."));

            var runs = new RunList(result.GetRequiredValue(folder));
            var output = result.InvocationConfiguration.Output;
            try
            {
                await Site.Site.Serve(runs, address, number, WriteAddress, token);
            }
            catch (IOException error) when (error.InnerException is AddressInUseException)
            {
                throw new InvalidOperationException(
                    Invariant($"Port {number} is in use: choose another with --port, or 0 for a free one."), error);
            }
            return 0;

            void WriteAddress(string url) => output.WriteLine($"{url}/   (Ctrl-C ends it)");
        });
        return command;
    }

    static IPAddress ParseAddress(string text) => IPAddress.TryParse(text, out var address)
        ? address
        : throw new InvalidDataException(
            $"--host must be an IP address, as in 0.0.0.0 for all of this machine's; it is \"{text}\".");
}
