using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;

namespace Retort.Teachers;

/// <summary>
/// Looks into a TorchScript file before libtorch does. Its program can call libtorch's operators and nothing else, but
/// two of these write or map files (aten::save, aten::from_file): a program that names one is refused unrun.
/// </summary>
static partial class TorchScriptArchive
{
    const long MostCode = 64_000_000;                                      // characters of program, all files together

    /// <exception cref="InvalidDataException">It is no TorchScript file, or one whose program reaches for files.</exception>
    public static void Check(string path)
    {
        if (!File.Exists(path)) throw new InvalidDataException($"{path} is not there.");
        try
        {
            using var archive = ZipFile.OpenRead(path);
            if (!archive.Entries.Any(entry => entry.FullName.EndsWith("/constants.pkl", StringComparison.Ordinal))) throw new InvalidDataException(
                $"{path} holds no TorchScript program"
                + (archive.Entries.Any(entry => entry.Name == "data.pkl") ? "; it is a file of weights: a teacher \"weights\" reads it with a network." : "."));
            var left = MostCode;
            foreach (var entry in archive.Entries)                         // libtorch finds entries whatever the case of their letters
                if (entry.FullName.EndsWith(".py", StringComparison.OrdinalIgnoreCase)) CheckProgram(Text(entry, ref left, path), path, entry.FullName);
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

    static void CheckProgram(string program, string path, string entry)
    {
        if (Reaching().Match(program) is { Success: true } found) throw new InvalidDataException(
            $"{path} is refused: its program ({entry}) names \"{found.Value}\", an operator that writes or maps files.");
        if (program.Contains("getattr", StringComparison.Ordinal) && Hidden().IsMatch(program)) throw new InvalidDataException(
            $"{path} is refused: its program ({entry}) spells names in escapes, so that what it calls cannot be seen.");
    }

    // sizes in a zip's directory may lie: what comes out is counted
    static string Text(ZipArchiveEntry entry, ref long left, string path)
    {
        using var reader = new StreamReader(entry.Open(), Encoding.UTF8);
        var text = new StringBuilder();
        var piece = new char[1 << 16];
        for (int count; (count = reader.Read(piece)) > 0; text.Append(piece, 0, count))
            if ((left -= count) < 0) throw new InvalidDataException($"{path} has more than {MostCode} characters of program.");
        return text.ToString();
    }

    [GeneratedRegex(@"\b(save|from_file)\b")]
    private static partial Regex Reaching();

    [GeneratedRegex(@"\\[xuUN0-7]")]
    private static partial Regex Hidden();
}
