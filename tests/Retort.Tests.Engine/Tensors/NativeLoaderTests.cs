using System.Diagnostics;
using System.Runtime.InteropServices;
using Retort.Tensors.Native;

namespace Retort.Tests.Tensors;

/// <summary>
/// libtorch and TorchSharp's native library are found in NuGet's folder and patched where needed. What cannot be loaded
/// is refused in one sentence.
/// </summary>
public sealed class NativeLoaderTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("retort-loading-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    static string Shim
    {
        get
        {
            var folders = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "";
            return folders.Split(Path.PathSeparator)
                .Select(folder => Path.Combine(folder, "libLibTorchSharp.so")).First(File.Exists);
        }
    }

    [Fact]
    public void Libtorch_loads_here_and_tells_its_files_and_version()
    {
        NativeLoader.EnsureLoaded();
        Assert.Equal(["c10", "torch_cpu", "torch", "LibTorchSharp"], NativeLoader.Files.Select(file => file.Name));
        Assert.All(NativeLoader.Files, file => Assert.True(File.Exists(file.Path)));
        Assert.Equal((2, 10), (NativeLoader.Version!.Major, NativeLoader.Version.Minor));
        Assert.True(Dispatcher.IsAvailable);
        Assert.Equal(2, torch.ones(2).sum().ToDouble());
    }

    [Fact]
    public void A_patched_copy_differs_in_one_flag_and_loads()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only TorchSharp's library for Linux needs a patch.");
        NativeLoader.EnsureLoaded();                                        // the copy depends on libtorch
        var copy = LibraryPatch.Copy(Shim, _folder);
        Assert.Equal("libLibTorchSharp.so", Path.GetFileName(copy));        // its soname: the loader knows it by name
        var (before, after) = (File.ReadAllBytes(Shim), File.ReadAllBytes(copy));
        var changed = Enumerable.Range(0, before.Length).Where(i => before[i] != after[i]).ToList();
        Assert.Equal(2, after[Assert.Single(changed)] ^ before[changed[0]]);
        Assert.True(NativeLibrary.TryLoad(copy, out _));
        Assert.Equal([copy], Directory.GetFiles(_folder, "*", SearchOption.AllDirectories));        // no draft

        var written = File.GetLastWriteTimeUtc(copy);
        Assert.Equal(copy, LibraryPatch.Copy(Shim, _folder));
        Assert.Equal(written, File.GetLastWriteTimeUtc(copy));              // made once
    }

    [Fact]
    public void A_copy_that_was_cut_short_is_made_again()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only TorchSharp's library for Linux needs a patch.");
        var copy = LibraryPatch.Copy(Shim, _folder);
        File.WriteAllBytes(copy, [1, 2, 3]);
        Assert.Equal(new FileInfo(Shim).Length, new FileInfo(LibraryPatch.Copy(Shim, _folder)).Length);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no library at all")]
    [InlineData("\u007fELF\u0002\u0001 and then nothing of one, though long enough to read a header from")]
    public void A_file_that_is_no_library_is_not_patched(string text)
    {
        var file = Path.Combine(_folder, "libLibTorchSharp.so");
        File.WriteAllText(file, text);
        Assert.Throws<InvalidDataException>(() => LibraryPatch.Copy(file, Path.Combine(_folder, "cache")));
    }

    [Fact] // libtorch_cpu alone has 460 MB
    public void A_build_output_holds_no_copy_of_libtorch()
    {
        string[] libraries = ["torch_cpu", "c10", "LibTorchSharp"];
        var names = Directory.GetFiles(AppContext.BaseDirectory, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetFileName(path));
        Assert.DoesNotContain(
            names, name => libraries.Any(library => name.Contains(library, StringComparison.Ordinal)));

        var files = new DirectoryInfo(AppContext.BaseDirectory).EnumerateFiles("*", SearchOption.AllDirectories);
        Assert.InRange(files.Sum(file => file.Length), 1, 100 << 20);
    }

    [Fact]
    public void A_named_folder_that_is_missing_or_empty_is_named()
    {
        Assert.Contains(
            $"RETORT_LIBTORCH names {_folder}/none, which is not a folder.", RunDoctor($"{_folder}/none"),
            StringComparison.Ordinal);
        Assert.Contains(
            $"RETORT_LIBTORCH names {_folder}, which has no ", RunDoctor(_folder), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_library_is_named()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The file names are Linux's.");
        File.WriteAllText(Path.Combine(_folder, "libtorch_cpu.so"), new string('x', 4096));
        Assert.Equal($"{_folder}/libtorch_cpu.so cannot be loaded: invalid ELF header.\n", RunDoctor(_folder));
    }

    [Fact] // a sound library that is not libtorch, or a libtorch from before it could tell its version
    public void A_library_without_a_version_is_refused()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The file names are Linux's.");
        NativeLoader.EnsureLoaded();
        var other = NativeLoader.Files.First(file => file.Name == "c10").Path;
        File.Copy(other, Path.Combine(_folder, "libtorch_cpu.so"));
        Assert.Equal(
            $"libtorch_cpu.so from RETORT_LIBTORCH ({_folder}) does not say which libtorch it is; 2.10 is needed.\n",
            RunDoctor(_folder));
    }

    [Fact]
    public void A_run_that_cannot_load_libtorch_ends_with_the_sentence_and_writes_nothing()
    {
        var recipe = Path.Combine(_folder, "toy.json");
        File.WriteAllText(
            recipe,
            """{ "data": { "name": "toy" }, "student": { "name": "mlp" }, "method": { "name": "labels" } }""");
        var (code, output, error) = RunTool($"{_folder}/none", "run", recipe, "--out", Path.Combine(_folder, "run"));
        Assert.Equal(
            (1, "", $"RETORT_LIBTORCH names {_folder}/none, which is not a folder.\n"), (code, output, error));
        Assert.Equal([recipe], Directory.GetFileSystemEntries(_folder));
    }

    /// <summary>
    /// The error output of <c>retort doctor</c>, in a process of its own, since a process never unloads a library.
    /// </summary>
    static string RunDoctor(string libtorch)
    {
        var (code, output, error) = RunTool(libtorch, "doctor");
        Assert.Equal(1, code);
        Assert.Contains("cannot work here", output, StringComparison.Ordinal);
        return error;
    }

    static (int Code, string Output, string Error) RunTool(string libtorch, params string[] arguments)
    {
        var tool = Path.Combine(AppContext.BaseDirectory, "Retort.Cli.dll");
        var start = new ProcessStartInfo("dotnet", ["exec", tool, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[NativeLoader.FolderVariable] = libtorch;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output.Result.ReplaceLineEndings("\n"), error.ReplaceLineEndings("\n"));
    }
}
