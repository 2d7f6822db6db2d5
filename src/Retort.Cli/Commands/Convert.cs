using System.CommandLine;
using System.Text.Json;
using Retort.Cli.Grammar;
using Retort.Runs;
using Retort.Tensors.Native;
using static System.FormattableString;

namespace Retort.Cli.Commands;

/// <summary><c>retort convert</c>: converts files of weights to safetensors.</summary>
static class Convert
{
    public static Command Command()
    {
        var source = new Argument<string>("IN")
        {
            Description = "A safetensors file, a PyTorch state dict (.pth), or a network's folder.",
        };
        var target = new Argument<string>("OUT")
        {
            Description = "A .safetensors file, or a folder for model.safetensors.",
        };
        var key = SharedOptions.Text(
            "--key", "name", "The key of the state dict, if the file holds several.");
        var json = SharedOptions.Json();
        var quiet = SharedOptions.Quiet();
        var command = new CommandWithExamples(
            "convert",
            "Writes weights as safetensors, without running code from their file.",
            "retort convert teacher.pth teacher.safetensors",
            "retort convert checkpoint.pth ema.safetensors --key ema.state_dict")
        {
            source, target, key, json, quiet,
        };
        command.SetAction(result =>
        {
            NativeLoader.EnsureLoaded();
            var done = Conversion.Run(
                result.GetRequiredValue(source), result.GetRequiredValue(target), result.GetValue(key));
            var output = result.InvocationConfiguration.Output;
            if (result.GetValue(json))
                output.Write(JsonSerializer.Serialize(done, Json.Indented) + "\n");
            else if (!result.GetValue(quiet))
                output.WriteLine(
                    Invariant($"{done.Path}: {done.Tensors} tensors, {done.Numbers:N0} numbers ")
                    + $"({string.Join(", ", done.Types)})");
            return 0;
        });
        return command;
    }
}
