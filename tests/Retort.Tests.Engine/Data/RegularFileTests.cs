using System.Diagnostics;
using System.Net.Sockets;
using Retort.Data;
using Retort.Data.Images;
using Retort.Data.Parquet;
using Retort.Export;
using Retort.Recipes;
using Retort.Report;
using Retort.Runs;
using Retort.Runtime;
using Retort.Runtime.Features;
using Retort.Tensors.Files;
using Retort.Tests.Contract;

namespace Retort.Tests.Data;

/// <summary>
/// Everything that reads a file refuses what is no regular file at once, and a git-lfs pointer in words.
/// </summary>
public sealed class RegularFileTests
{
    const string Pointer = "version https://git-lfs.github.com/spec/v1\n"
        + "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";

    static readonly Dictionary<string, (string File, Action<string> Read)> s_readers = new()
    {
        ["recipe"] = ("x.json", path => Recipe.Read(path)),
        ["run.json"] = ("run.json", path => RunFolder.InfoIn(Path.GetDirectoryName(path)!)),
        ["config.json"] = ("config.json", path => Student.Open(Path.GetDirectoryName(path)!)),
        ["results.json"] = ("results.json", path => Reports.Read(Path.GetDirectoryName(path)!)),
        ["safetensors"] = ("x.safetensors", path => SafeTensors.Read(path)),
        ["pth"] = ("x.pth", path => WeightsFile.Read(path)),
        ["onnx"] = ("x.onnx", path => Inspection.Of(path)),
        ["graph"] = ("x.onnx", path => new OnnxModel(path, 1)),
        ["csv"] = ("x.csv", path => new CsvOptions { Path = path }.Open()),
        ["gz"] = ("x.tsv.gz", path => new TsvOptions { Path = path }.Open()),
        ["parquet"] = ("x.parquet", path => new ParquetOptions { Path = path }.Open()),
        ["archive"] = ("x.tar.gz", path => new ImageFolderOptions { Path = path }.Open()),
        ["image"] = ("x.png", path => new InferenceData("pixel_values", new(1, 2, 2), 255).Read(path).ToList()),
    };

    public static TheoryData<string, string> Cases => [.. s_readers.Keys.SelectMany(
        reader => (string[])["a FIFO", "a device", "a socket"], (reader, kind) => (reader, kind))];

    public static TheoryData<string> Readers => [.. s_readers.Keys];

    [Theory, MemberData(nameof(Cases))]
    public void What_is_no_file_is_refused_at_once(string reader, string kind)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such files.");
        var (name, read) = s_readers[reader];
        var path = Path.Combine(Few.Folder(), name);
        using var socket = Make(kind, path);
        var error = Assert.Throws<InvalidDataException>(() => read(path));
        Assert.Contains($"{path} must be a regular file; it is {kind}.", error.Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Readers))]
    public void A_pointer_is_called_one(string reader)
    {
        var (name, read) = s_readers[reader];
        var path = Path.Combine(Few.Folder(), name);
        File.WriteAllText(path, Pointer);
        var error = Assert.Throws<InvalidDataException>(() => read(path));
        Assert.Contains($"{path} is a git-lfs pointer", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_to_a_file_is_read()
    {
        var folder = Few.Folder();
        var (file, link) = (Path.Combine(folder, "real"), Path.Combine(folder, "x.csv"));
        File.WriteAllText(file, string.Concat(Enumerable.Range(0, 40).Select(i => $"{i},{i % 2}\n")));
        File.CreateSymbolicLink(link, file);
        Assert.Equal(2, new CsvOptions { Path = link }.Open().Info.Classes.Count);
    }

    static Socket? Make(string kind, string path)
    {
        switch (kind)
        {
            case "a FIFO":
                using (var made = Process.Start("mkfifo", [path])) made.WaitForExit();
                return null;
            case "a device":
                File.CreateSymbolicLink(path, "/dev/zero");
                return null;
            default:
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                socket.Bind(new UnixDomainSocketEndPoint(path));
                return socket;
        }
    }
}
