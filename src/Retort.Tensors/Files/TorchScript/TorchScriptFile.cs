using System.Runtime.InteropServices;

namespace Retort.Tensors.Files.TorchScript;

/// <summary>
/// Loads TorchScript files. A file is a zip archive with a program, which libtorch compiles and runs: so the archive is
/// read here, its program and values are checked, and libtorch gets another archive, written from what was checked.
/// </summary>
public static class TorchScriptFile
{
    /// <summary>
    /// Loads a program. It can call operators that compute (a fixed list of names) and its own functions, so it can
    /// neither write nor read files, print, or start anything; it can take any amount of time and memory.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="device">The device of its tensors.</param>
    /// <exception cref="InvalidDataException">
    /// It is no TorchScript file, or a damaged one, or its program uses something that is not on the list.
    /// </exception>
    /// <exception cref="ExternalException">libtorch cannot compile the program.</exception>
    public static jit.ScriptModule Load(string path, Device device)
    {
        var folder = Directory.CreateTempSubdirectory("retort-torchscript-");       // for this user alone
        try
        {
            var copy = Path.Combine(folder.FullName, "program.pt");
            using (var target = new FileStream(copy, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None))
                WriteChecked(path, target);
            return jit.load(copy, device.type, device.index);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Writes an archive with what was read and checked of another.</summary>
    internal static void WriteChecked(string path, Stream target)
    {
        if (!File.Exists(path)) throw new InvalidDataException($"{path} is not there.");

        try
        {
            using var source = new ScriptArchive(path);
            source.WriteChecked(target);
        }
        catch (InvalidDataException error) when (!error.Message.StartsWith(path, StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{path} is no TorchScript file: {error.Message.OnOneLine()}", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException(
                $"{path} cannot be read, or not be copied for libtorch: {error.Message.OnOneLine()}", error);
        }
    }
}
