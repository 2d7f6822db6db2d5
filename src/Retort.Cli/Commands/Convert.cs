using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Retort.Cli.Grammar;
using Retort.Recipes;
using Retort.Runs;
using Retort.Tensors.Native;
using Retort.Training;

namespace Retort.Cli.Commands;

/// <summary>Weights from one kind of file into another.</summary>
static class Convert
{
    public static Command Command()
    {
        var from = new Argument<string>("IN") { Description = "A safetensors file, a PyTorch state file (.pth), or a network's folder." };
        var to = new Argument<string>("OUT") { Description = "A file .safetensors, or a folder that gets model.safetensors." };
        var key = new Option<string?>("--key") { Description = "Which mapping of names to tensors is meant, where a state file holds several.", HelpName = "name" };
        var json = CommonOptions.Json();
        var quiet = CommonOptions.Quiet();
        var command = new CommandWithExamples("convert", "Reads weights, running nothing in their file, and writes them as safetensors.",
            "retort convert teacher.pth teacher.safetensors", "retort convert checkpoint.pth ema.safetensors --key ema.state_dict")
        {
            from, to, key, json, quiet,
        };
        command.SetAction(result =>
        {
            NativeLoader.EnsureLoaded();
            var done = Conversion.Run(result.GetRequiredValue(from), result.GetRequiredValue(to), result.GetValue(key));
            var output = result.InvocationConfiguration.Output;
            if (result.GetValue(json)) output.Write(JsonSerializer.Serialize(done, Json.Indented) + "\n");
            else if (!result.GetValue(quiet)) output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{done.Path}: {done.Tensors} tensors, {done.Numbers:N0} numbers ({string.Join(", ", done.Types)})"));
            return 0;
        });
        return command;
    }
}
