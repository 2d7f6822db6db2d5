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
        if (Refusal(path) is { } reason) throw new InvalidDataException($"{path} {reason}");
    }

    // why the file is refused; null where it is not
    static string? Refusal(string path)
    {
        try
        {
            using var archive = new ZipArchive(InputFile.Open(path));
            return Refusal(archive);
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"{path} is no TorchScript file: {error.Message.OnOneLine()}", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"{path} cannot be read: {error.Message}", error);
        }
    }

    static string? Refusal(ZipArchive archive)
    {
        var names = archive.Entries.Select(entry => entry.FullName).ToList();
        if (!names.Exists(name => name.EndsWith("/constants.pkl", StringComparison.Ordinal)))
        {
            var isWeights = archive.Entries.Any(entry => entry.Name == "data.pkl");
            return "holds no TorchScript program"
                + (isWeights ? "; it is a file of weights: a teacher \"checkpoint\" reads it with a network." : ".");
        }
        var left = MaxCode;
        foreach (var entry in archive.Entries)
        {
            if (!entry.FullName.EndsWith(".py", StringComparison.OrdinalIgnoreCase)) continue; // libtorch ignores case
            if (Read(entry, ref left) is not { } program) return $"has more than {MaxCode} characters of program.";
            if (RefusalOf(program, entry.FullName) is { } reason) return reason;
        }
        return null;
    }

    static string? RefusalOf(string program, string entry)
    {
        if (FileOperators().Match(program) is { Success: true } found)
            return $"is refused: its program ({entry}) names \"{found.Value}\", an operator that writes or maps files.";

        return program.Contains("getattr", StringComparison.Ordinal) && Escapes().IsMatch(program)
            ? $"is refused: its program ({entry}) spells names in escapes, which hides what it calls."
            : null;
    }

    // sizes in a zip's directory may be wrong: what comes out is counted; null where it is too much
    static string? Read(ZipArchiveEntry entry, ref long left)
    {
        using var reader = new StreamReader(entry.Open(), Encoding.UTF8);
        var text = new StringBuilder();
        var buffer = new char[1 << 16];
        for (int count; (count = reader.Read(buffer)) > 0; text.Append(buffer, 0, count))
            if ((left -= count) < 0) return null;
        return text.ToString();
    }

    [GeneratedRegex(@"\b(save|from_file)\b")]
    private static partial Regex FileOperators();

    [GeneratedRegex(@"\\[xuUN0-7]")]
    private static partial Regex Escapes();
}
