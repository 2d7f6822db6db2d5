using System.Text.Json;
using Retort.Runs;
using Retort.Tensors.Files;

namespace Retort.Training;

/// <summary>A network's <c>metrics.jsonl</c> and, by choice, its TensorBoard events: a line an epoch.</summary>
sealed class MetricsLog
{
    readonly string _path;
    readonly EventFile? _events;

    public MetricsLog(string folder, EventFile? events)
    {
        _path = Path.Combine(folder, "metrics.jsonl");
        _events = events;
    }

    /// <summary>Bytes written so far.</summary>
    public long Length { get; private set; }

    /// <summary>Begins at this length: what a killed run wrote after its last checkpoint is done again.</summary>
    public void Begin(long length)
    {
        using (var file = new FileStream(_path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read))
        {
            if (file.Length < length) throw new InvalidDataException($"{_path} has {file.Length} bytes; it had {length} "
                + "when the checkpoint beside it was written. Give the file back, or train anew in another folder.");
            file.SetLength(Length = length);
        }
        _events?.Begin(Read(_path));
    }

    /// <summary>Adds an epoch as it ended.</summary>
    public void Add(EpochMetrics line)
    {
        try
        {
            using (var file = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.Read))
            {
                file.Write(JsonSerializer.SerializeToUtf8Bytes(line, Json.Line));
                file.WriteByte((byte)'\n');
                file.Flush();
                Length = file.Position;
            }
            _events?.Add(line);
        }
        catch (IOException error)
        {
            throw AtomicFile.WriteError(_path, error);
        }
    }

    /// <summary>Sees to it that what was added is on the disk: a checkpoint that counts on it is about to be.</summary>
    public void Flush()
    {
        if (Length == 0) return;
        using var file = new FileStream(_path, FileMode.Open, FileAccess.Write, FileShare.Read);
        file.Flush(flushToDisk: true);
    }

    /// <summary>The epochs of a file.</summary>
    public static IReadOnlyList<EpochMetrics> Read(string path) => JsonFile.ReadLines<EpochMetrics>(path, "an epoch");
}
