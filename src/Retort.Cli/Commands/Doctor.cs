using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Retort.Cli.Display;
using Retort.Cli.Grammar;
using Retort.Runs;
using Retort.Tensors;
using Retort.Tensors.Native;
using Retort.Training;

namespace Retort.Cli.Commands;

/// <summary>Explains the installation: what is there, where it came from, what is missing and what brings it.</summary>
static class Doctor
{
    public static Command Command()
    {
        var json = CommonOptions.Json();
        var command = new CommandWithExamples("doctor", "Explains the installation: versions, native files, processor, GPU, caches, what is missing. 1 when training cannot work here.",
            "retort doctor", "retort doctor --json") { json };
        command.SetAction(result =>
        {
            var found = Findings.Look();
            result.InvocationConfiguration.Output.Write(
                result.GetValue(json) ? JsonSerializer.Serialize(found, Json.Indented) + "\n" : string.Join('\n', Lines(found)) + "\n");
            if (found.Installation.Trouble is not { } trouble) return 0;
            result.InvocationConfiguration.Error.WriteLine(trouble);
            return 1;
        });
        return command;
    }

    /// <summary>A folder of things that can be fetched or made again.</summary>
    internal sealed record Cache(string Name, string Path, long Bytes, string MovedBy);

    /// <summary>A part that nothing needs to run.</summary>
    internal sealed record OptionalPart(string Name, bool Present, string BroughtBy);

    internal sealed record Findings(Installation Installation, IReadOnlyList<Cache> Caches, IReadOnlyList<OptionalPart> OptionalParts)
    {
        public static Findings Look()
        {
            var installation = Installation.Detect();
            Cache[] caches =
            [
                new("data", CacheFolders.Data, Size(CacheFolders.Data), CacheFolders.DataVariable),
                new("native", Path.Combine(NativeLoader.CacheFolder, "native"), Size(Path.Combine(NativeLoader.CacheFolder, "native")), CacheFolders.RootVariable),
            ];
            return new(installation, caches,
            [
                new("whole data sets", caches[0].Bytes > 0, "retort data get mnist"),
                new("CUDA", installation.Cuda.Available, $"pip install torch=={NativeLoader.RequiredVersion}.0, then {NativeLoader.FolderVariable}=$(python3 -c \"import torch; print(torch.__path__[0])\")/lib"),
            ]);
        }

        static long Size(string folder) => !Directory.Exists(folder) ? 0
            : new DirectoryInfo(folder).EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true }).Sum(file => file.Length);
    }

    static IEnumerable<string> Lines(Findings found)
    {
        var (here, rows) = (found.Installation, new List<IReadOnlyList<string>>());
        void Row(string key, string value) => rows.Add([key, value]);
        foreach (var (name, version) in here.Versions) Row(name, version);
        foreach (var file in here.NativeFiles) Row(file.Name, $"{file.Path} ({file.Origin})");
        Row("fused operators", here.FusedOperators ? "yes" : "no: TorchSharp's own do the work");
        Row("processor", $"{here.Processor.Model}; {(here.Processor.Features.Count == 0 ? "no vector units known here" : string.Join(", ", here.Processor.Features))}");
        Row("bfloat16", Autocast.HasFastBfloat16 ? "multiplied by the processor itself" : "right, but slower than float32 here");
        Row("threads", string.Create(CultureInfo.InvariantCulture, $"{here.Processor.Threads} of {here.Processor.Cores} cores"));
        Row("memory", Readable(here.MemoryBytes));
        Row("CUDA", here.Cuda.Available ? string.Create(CultureInfo.InvariantCulture, $"{here.Cuda.Devices} devices") : $"no: {here.Cuda.Remark}");
        foreach (var cache in found.Caches) Row($"cache: {cache.Name}", $"{cache.Path}, {Readable(cache.Bytes)} ({cache.MovedBy} moves it)");
        foreach (var part in found.OptionalParts.Where(part => !part.Present)) Row("not there", $"{part.Name}; to have it: {part.BroughtBy}");
        Row("training", here.Trouble is null ? "works here" : "cannot work here");
        return PlainTable.Lines(["what", "found"], 2, rows).Skip(1);
    }

    static string Readable(long bytes) => bytes switch
    {
        >= 1L << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):F1} GiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 20):F1} MiB"),
    };
}
