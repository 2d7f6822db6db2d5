using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using static System.FormattableString;

namespace Retort.Tensors.Files.TorchScript;

/// <summary>A TorchScript file: a zip archive with code, pickled values and the bytes of tensors.</summary>
sealed partial class ScriptArchive : IDisposable
{
    const long MaxCode = 64_000_000;                                        // bytes of program, all files together
    const int MaxPickle = 16 << 20;                                         // bytes
    const int MaxEntries = 200_000;
    const string Hint = "Where it comes from a trusted source, export it as ONNX and use the teacher \"onnx\".";

    readonly string _path;
    readonly ZipArchive _zip;
    readonly Dictionary<string, ZipArchiveEntry> _entries;                  // without the archive's folder
    long _codeLeft = MaxCode;

    public ScriptArchive(string path)
    {
        _path = path;
        _zip = new(InputFile.Open(path));
        try
        {
            _entries = EntriesOf(_zip);
        }
        catch
        {
            _zip.Dispose();
            throw;
        }
    }

    public void Dispose() => _zip.Dispose();

    /// <summary>Checks program and values, and writes an archive that has them and nothing else.</summary>
    public void WriteChecked(Stream target)
    {
        using var output = new ZipArchive(target, ZipArchiveMode.Create, leaveOpen: true);
        var program = CheckedProgram(output);
        var values = new ScriptValues(program, Invalid);
        Write(output, "version", Encoding.ASCII.GetBytes(Version()));
        if (_entries.TryGetValue("byteorder", out var order) && !ReadAll(order, 16).AsSpan().SequenceEqual("little"u8))
            throw Invalid("its numbers are not little-endian");

        values.CheckModule(CopyValues(output, program, "data.pkl", "data"));
        CopyValues(output, program, "constants.pkl", "constants");
    }

    // a program's files are found whatever the case of their letters: two that differ only in it are refused
    Dictionary<string, ZipArchiveEntry> EntriesOf(ZipArchive zip)
    {
        if (zip.Entries.Count > MaxEntries) throw Invalid($"it has more than {MaxEntries} entries");
        var constants = zip.Entries.Where(entry => entry.Name == "constants.pkl").ToList();
        if (constants.Count != 1 || constants[0].FullName.Count(letter => letter == '/') != 1)
            throw new InvalidDataException($"{_path} holds no TorchScript program"
                + (zip.Entries.Any(entry => entry.Name == "data.pkl")
                    ? "; it is a file of weights: a teacher \"checkpoint\" reads it with a network." : "."));

        var folder = constants[0].FullName[..^constants[0].Name.Length];
        var entries = new Dictionary<string, ZipArchiveEntry>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in zip.Entries)
            if (entry.FullName.StartsWith(folder, StringComparison.OrdinalIgnoreCase)
                && !entries.TryAdd(entry.FullName[folder.Length..], entry))
                throw Invalid($"it has two entries '{entry.FullName}'");
        return entries;
    }

    ScriptProgram CheckedProgram(ZipArchive output)
    {
        var reader = new ScriptReader(Refused);
        foreach (var (name, entry) in _entries)
        {
            if (!name.EndsWith(".py", StringComparison.OrdinalIgnoreCase)) continue;
            if (!CodeName().IsMatch(name)) throw Refused(name, "its name is not one of a program's file", 0);

            var code = ReadAll(entry, (int)_codeLeft);
            _codeLeft -= code.Length;
            var quiet = reader.Add(name["code/".Length..], Encoding.Latin1.GetString(code));
            Write(output, name, Encoding.Latin1.GetBytes(quiet));
        }
        return reader.Checked();
    }

    // a pickle, and the storages that its tensors refer to
    object? CopyValues(ZipArchive output, ScriptProgram program, string name, string folder)
    {
        if (!_entries.TryGetValue(name, out var entry)) throw Invalid($"it has no {name}");
        var bytes = ReadAll(entry, MaxPickle);
        var globals = new ScriptGlobals(program, _path, Invalid);
        var value = new Pickle(bytes, globals, Invalid).Load();
        Write(output, name, bytes);

        if (globals.Storages.Values.Sum(storage => (decimal)storage.Bytes) > new FileInfo(_path).Length)
            throw Invalid("its tensors would have more bytes than the file");
        foreach (var storage in globals.Storages.Values) CopyStorage(output, $"{folder}/{storage.Key}", storage.Bytes);
        return value;
    }

    void CopyStorage(ZipArchive output, string name, long length)
    {
        if (!StorageName().IsMatch(name)) throw Invalid($"a storage in it has the name '{name}'");
        if (!_entries.TryGetValue(name, out var entry)) throw Invalid($"the numbers of '{name}' are missing");

        using var source = entry.Open();
        using var target = output.CreateEntry($"program/{name}", CompressionLevel.NoCompression).Open();
        var buffer = new byte[1 << 16];
        var left = length;
        for (int count; (count = source.Read(buffer)) > 0; target.Write(buffer, 0, count))
            if ((left -= count) < 0) break;
        if (left != 0) throw Invalid($"'{name}' has another length than the {length} bytes that its tensors need");
    }

    string Version()
    {
        if (!_entries.TryGetValue("version", out var entry) && !_entries.TryGetValue(".data/version", out entry))
            throw Invalid("it has no version");

        var text = Encoding.Latin1.GetString(ReadAll(entry, 16)).Trim();
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version.ToString(CultureInfo.InvariantCulture) : throw Invalid($"its version is '{text}'");
    }

    // sizes in a zip's directory may be wrong: what comes out is counted
    byte[] ReadAll(ZipArchiveEntry entry, int maxBytes)
    {
        using var source = entry.Open();
        using var content = new MemoryStream();
        var buffer = new byte[1 << 16];
        for (int count; (count = source.Read(buffer)) > 0; content.Write(buffer, 0, count))
            if (content.Length + count > maxBytes)
                throw Invalid($"'{entry.FullName}' has more than the {maxBytes} bytes that it may have");
        return content.ToArray();
    }

    static void Write(ZipArchive output, string name, byte[] content)
    {
        using var target = output.CreateEntry($"program/{name}", CompressionLevel.NoCompression).Open();
        target.Write(content);
    }

    InvalidDataException Invalid(string what) =>
        new($"{_path} is not a sound TorchScript file: {what.OnOneLine()}.");

    InvalidDataException Refused(string file, string what, int line) => new(Invariant(
        $"{_path} is refused: its program ({file.OnOneLine()}, line {line}) is not judged safe: ")
        + $"{what.OnOneLine()}. {Hint}");

    // libtorch finds a file by the name of the class that it needs
    [GeneratedRegex(@"^code/__torch__(/[A-Za-z_][A-Za-z0-9_]*)*\.py$")]
    private static partial Regex CodeName();

    [GeneratedRegex(@"^(data|constants)/[A-Za-z0-9_]{1,64}$")]
    private static partial Regex StorageName();
}
