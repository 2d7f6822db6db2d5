using System.Buffers.Binary;
using System.IO.Compression;

namespace Retort.Teachers;

/// <summary>
/// Recognizes a teacher's file of another format by its content, so that the message names the teacher that reads it.
/// What is not recognized is left to the reader.
/// </summary>
static class TeacherFile
{
    /// <summary>The name of <see cref="OnnxTeacherOptions"/> in recipes.</summary>
    public const string Onnx = "onnx";

    /// <summary>The name of <see cref="TorchScriptTeacherOptions"/> in recipes.</summary>
    public const string TorchScript = "torchscript";

    /// <summary>The name of <see cref="CheckpointTeacherOptions"/> in recipes.</summary>
    public const string Checkpoint = "checkpoint";

    const int StartBytes = 9;

    /// <summary>Refuses a file that another teacher reads.</summary>
    /// <param name="path">The file; a missing one is accepted.</param>
    /// <param name="teacher">The teacher that is to read it.</param>
    /// <exception cref="InvalidDataException">The message names the format and its teacher.</exception>
    public static void Check(string path, string teacher)
    {
        if (!File.Exists(path) || Recognize(path) is not { } found || found.Teacher == teacher) return;

        var advice = found.Teacher == Checkpoint
            ? $"the teacher \"{Checkpoint}\" reads with a network that the recipe names"
            : $"the teacher \"{found.Teacher}\" reads";
        throw new InvalidDataException(
            $"{path} is {found.Format}, which {advice}; the teacher \"{teacher}\" reads {Formats(teacher)}.");
    }

    static string Formats(string teacher) => teacher switch
    {
        Onnx => "ONNX graphs (torch.onnx.export)",
        TorchScript => "TorchScript programs (torch.jit.script or torch.jit.trace)",
        _ => "files of weights (.pth, .safetensors, .h5)",
    };

    static (string Format, string Teacher)? Recognize(string path)
    {
        using var file = InputFile.Open(path);
        Span<byte> start = stackalloc byte[StartBytes];
        if (file.ReadAtLeast(start, StartBytes, throwOnEndOfStream: false) < StartBytes) return null;

        if (start.StartsWith("PK\u0003\u0004"u8)) return RecognizeZip(file);
        if (start[8] == '{' && BinaryPrimitives.ReadUInt64LittleEndian(start) < (ulong)file.Length)
            return ("a safetensors file of weights", Checkpoint);
        if (start[1..].StartsWith("HDF\r\n"u8)) return ("an HDF5 file of weights", Checkpoint);
        if (start[0] == 0x80 && start[1] is >= 2 and <= 5) return ("a PyTorch file of weights (a pickle)", Checkpoint);

        // protobuf: the format's version (field 1), then any other field of a model
        return start[0] == 0x08 && start[1] is >= 1 and <= 30 && (start[2] >> 3) is >= 2 and <= 25
            ? ("an ONNX graph", Onnx) : null;
    }

    static (string Format, string Teacher)? RecognizeZip(FileStream file)
    {
        try
        {
            using var zip = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true);
            var names = zip.Entries.Select(entry => entry.Name).ToHashSet(StringComparer.Ordinal);
            return names.Contains("constants.pkl") ? ("a TorchScript program", TorchScript)
                : names.Contains("data.pkl") ? ("a PyTorch file of weights", Checkpoint)
                : null;
        }
        catch (InvalidDataException)
        {
            return null;                                                   // the reader says how it is damaged
        }
    }
}
