using System.CommandLine;
using System.Text.Json;
using Retort.Cli.Display;
using Retort.Cli.Grammar;
using Retort.Runtime.Features.Audio;
using Retort.Tensors;
using Retort.Tensors.Native;
using static System.FormattableString;

namespace Retort.Cli.Commands;

/// <summary><c>retort doctor</c>: describes the installation and what is missing.</summary>
static class Doctor
{
    public static Command Command()
    {
        var json = SharedOptions.Json();
        var command = new CommandWithExamples(
            "doctor",
            "Shows versions, native files, hardware, caches and what is missing; exits with 1 if training cannot work.",
            "retort doctor",
            "retort doctor --json")
        {
            json,
        };
        command.SetAction(result =>
        {
            var findings = Findings.Gather();
            var io = result.InvocationConfiguration;
            io.Output.Write(result.GetValue(json)
                ? JsonSerializer.Serialize(findings, Json.Indented) + "\n"
                : string.Join('\n', Lines(findings, TerminalWidth.Of(io.Output))) + "\n");
            if (findings.Installation.Trouble is not { } trouble) return 0;

            io.Error.WriteLine(trouble);
            return 1;
        });
        return command;
    }

    /// <summary>A folder of files that can be downloaded or made again.</summary>
    internal sealed record CacheFolder(string Name, string Path, long Bytes, string MovedBy);

    /// <summary>A part that Retort can run without.</summary>
    internal sealed record OptionalPart(string Name, bool Present, string BroughtBy);

    internal sealed record Findings(
        Installation Installation, IReadOnlyList<CacheFolder> Caches, IReadOnlyList<OptionalPart> OptionalParts)
    {
        public static Findings Gather()
        {
            var installation = Installation.Detect();
            var native = Path.Combine(NativeLoader.CacheFolder, "native");
            var data = new CacheFolder(
                "data", CacheFolders.Data, SizeOf(CacheFolders.Data), CacheFolders.DataVariable);
            var cuda = $"pip install torch=={NativeLoader.RequiredVersion}.0, then {NativeLoader.FolderVariable}="
                + "$(python3 -c \"import torch; print(torch.__path__[0])\")/lib";
            return new(
                installation,
                [data, new("native", native, SizeOf(native), CacheFolders.RootVariable)],
                [
                    new("whole data sets", data.Bytes > 0, "retort data get mnist"),
                    new("CUDA", installation.Cuda.Available, cuda),
                    new("libsndfile", AudioFile.HasLibrary, AudioFile.LibraryHint),
                ]);
        }

        static long SizeOf(string folder)
        {
            if (!Directory.Exists(folder)) return 0;

            var options = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true };
            return new DirectoryInfo(folder).EnumerateFiles("*", options).Sum(file => file.Length);
        }
    }

    static IEnumerable<string> Lines(Findings findings, int? width)
    {
        var here = findings.Installation;
        var rows = new List<IReadOnlyList<string>>();
        foreach (var (name, version) in here.Versions) Add(name, version);
        foreach (var file in here.NativeFiles) Add(file.Name, $"{file.Path} ({file.Origin})");
        Add("fused operators", here.FusedOperators ? "yes" : "no: TorchSharp's own are used");
        Add("processor", $"{here.Processor.Model}; {VectorUnits(here.Processor.Features)}");
        Add("bfloat16", Autocast.HasFastBfloat16 ? "supported by the processor" : "slower than float32 here");
        Add("threads", Invariant($"{here.Processor.Threads} of {here.Processor.Cores} cores"));
        Add("memory", NumberFormat.BinaryBytes(here.MemoryBytes));
        Add("CUDA", here.Cuda.Available ? Invariant($"{here.Cuda.Devices} devices") : $"no: {here.Cuda.Remark}");
        Add("libsndfile", AudioFile.HasLibrary ? "yes: FLAC, Ogg and other sound files are read beside WAV"
            : "no: of sound files, WAV alone is read");
        foreach (var cache in findings.Caches)
        {
            var size = NumberFormat.BinaryBytes(cache.Bytes);
            Add($"cache: {cache.Name}", $"{cache.Path}, {size} ({cache.MovedBy} moves it)");
        }
        foreach (var part in findings.OptionalParts.Where(part => !part.Present))
            Add("missing", $"{part.Name}; to install: {part.BroughtBy}");
        Add("training", here.Trouble is null ? "works here" : "cannot work here");
        return PlainTable.Lines(["what", "found"], 2, rows, width).Skip(1);

        void Add(string key, string value) => rows.Add([key, value]);
    }

    static string VectorUnits(IReadOnlyList<string> features) =>
        features.Count == 0 ? "no known vector units" : string.Join(", ", features);
}
