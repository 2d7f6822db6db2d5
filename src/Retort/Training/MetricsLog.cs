using System.Text.Json;
using Retort.Tensors.Files;

namespace Retort.Training;

/// <summary>
/// A network's <c>metrics.jsonl</c>, a line per epoch, and its TensorBoard events where they are wanted.
/// </summary>
sealed class MetricsLog
{
    readonly string _path;
    readonly EventFile? _events;

    public MetricsLog(string folder, EventFile? events)
    {
        _path = Path.Combine(folder, FileName);
        _events = events;
    }

    /// <summary>The file's name in a network's folder.</summary>
    public const string FileName = "metrics.jsonl";

    /// <summary>The file's length in bytes.</summary>
    public long Length { get; private set; }

    /// <summary>
    /// Opens the file and cuts it to this length: what a killed run wrote after its last checkpoint is computed again.
    /// </summary>
    public void Begin(long length)
    {
        if (File.Exists(_path)) InputFile.Check(_path);
        using (var file = new FileStream(_path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read))
        {
            if (file.Length < length) throw new InvalidDataException(
                $"{_path} has {file.Length} bytes; it had {length} when the checkpoint beside it was written. "
                + "Restore the file, or train again in another folder.");
            Length = length;
            file.SetLength(length);
        }
        _events?.Begin(Read(_path));
    }

    /// <summary>Adds an epoch.</summary>
    public void Add(EpochMetrics epoch)
    {
        try
        {
            using (var file = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.Read))
            {
                file.Write(JsonSerializer.SerializeToUtf8Bytes(epoch, Json.Line));
                file.WriteByte((byte)'\n');
                file.Flush();
                Length = file.Position;
            }
            _events?.Add(epoch);
        }
        catch (IOException error)
        {
            throw AtomicFile.WriteError(_path, error);
        }
    }

    /// <summary>Flushes the file to the disk, before a checkpoint is written that relies on it.</summary>
    public void Flush()
    {
        if (Length == 0) return;

        using var file = new FileStream(_path, FileMode.Open, FileAccess.Write, FileShare.Read);
        file.Flush(flushToDisk: true);
    }

    /// <summary>Reads the epochs of a file.</summary>
    public static IReadOnlyList<EpochMetrics> Read(string path) =>
        JsonFile.ReadLines<EpochMetrics>(path, "an epoch");
}
