using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;

namespace Retort.Teachers;

/// <summary>
/// Checks a TorchScript file before libtorch loads it. Its program can call libtorch's operators and nothing else, but
/// two of these write or map files (aten::save, aten::from_file): a program that names one is refused.
/// </summary>
static partial class TorchScriptArchive
{
    const long MaxCode = 64_000_000;                                       // characters of program, all files together

    /// <exception cref="InvalidDataException">
    /// It is no TorchScript file, or its program names an operator that writes or maps files.
    /// </exception>
    public static void Check(string path)
    {
        if (!File.Exists(path)) throw new InvalidDataException($"{path} is not there.");
        try
        {
            using var archive = ZipFile.OpenRead(path);
            CheckEntries(archive, path);
        }
        catch (InvalidDataException error) when (!error.Message.StartsWith(path, StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{path} is no TorchScript file: {error.Message.OnOneLine()}", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"{path} cannot be read: {error.Message}", error);
        }
    }

    static void CheckEntries(ZipArchive archive, string path)
    {
        var names = archive.Entries.Select(entry => entry.FullName).ToList();
        if (!names.Exists(name => name.EndsWith("/constants.pkl", StringComparison.Ordinal)))
        {
            var isWeights = archive.Entries.Any(entry => entry.Name == "data.pkl");
            throw new InvalidDataException($"{path} holds no TorchScript program"
                + (isWeights ? "; it is a file of weights: a teacher \"checkpoint\" reads it with a network." : "."));
        }
        var left = MaxCode;
        foreach (var entry in archive.Entries)
            if (entry.FullName.EndsWith(".py", StringComparison.OrdinalIgnoreCase))    // libtorch ignores case too
                CheckProgram(Read(entry, ref left, path), path, entry.FullName);
    }

    static void CheckProgram(string program, string path, string entry)
    {
        if (FileOperators().Match(program) is { Success: true } found) throw new InvalidDataException(
            $"{path} is refused: its program ({entry}) names \"{found.Value}\", an operator that writes or maps "
            + "files.");
        if (program.Contains("getattr", StringComparison.Ordinal) && Escapes().IsMatch(program))
            throw new InvalidDataException(
                $"{path} is refused: its program ({entry}) spells names in escapes, which hides what it calls.");
    }

    // sizes in a zip's directory may be wrong: what comes out is counted
    static string Read(ZipArchiveEntry entry, ref long left, string path)
    {
        using var reader = new StreamReader(entry.Open(), Encoding.UTF8);
        var text = new StringBuilder();
        var buffer = new char[1 << 16];
        for (int count; (count = reader.Read(buffer)) > 0; text.Append(buffer, 0, count))
            if ((left -= count) < 0) throw new InvalidDataException(
                $"{path} has more than {MaxCode} characters of program.");
        return text.ToString();
    }

    [GeneratedRegex(@"\b(save|from_file)\b")]
    private static partial Regex FileOperators();

    [GeneratedRegex(@"\\[xuUN0-7]")]
    private static partial Regex Escapes();
}
