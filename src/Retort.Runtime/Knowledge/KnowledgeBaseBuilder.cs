using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text;

namespace Retort.Runtime.Knowledge;

/// <summary>
/// Makes a knowledge base row by row, or a new one from an old one with other rows, key type or settings. A file is
/// written whole: beside the old one, and then renamed.
/// </summary>
/// <param name="width">D: the numbers of a key.</param>
/// <param name="classes">C: the numbers of a soft label.</param>
/// <param name="settings">How the student answers with it.</param>
public sealed class KnowledgeBaseBuilder(int width, int classes, RetrievalSettings settings)
{
    readonly List<Row> _rows = [];

    /// <summary>How keys are stored.</summary>
    public KeyType KeyType { get; init; }

    /// <summary>SHA-256 of the weights file of the student that it belongs to; zeros for none.</summary>
    public string StudentHash { get; init; } = new('0', 64);

    /// <summary>How the student answers with it.</summary>
    public RetrievalSettings Settings { get; set; } = settings;

    /// <summary>How many rows there are.</summary>
    public int Count => _rows.Count;

    /// <summary>A builder with the rows of a base, for the same student.</summary>
    /// <param name="knowledge">The base, which may be closed afterwards.</param>
    /// <param name="keyType">How keys are stored; as in the base unless given.</param>
    /// <param name="settings">How the student answers; as in the base unless given.</param>
    public static KnowledgeBaseBuilder From(
        KnowledgeBase knowledge, KeyType? keyType = null, RetrievalSettings? settings = null)
    {
        var builder = new KnowledgeBaseBuilder(knowledge.Width, knowledge.Classes, settings ?? knowledge.Settings)
        {
            KeyType = keyType ?? knowledge.KeyType,
            StudentHash = knowledge.StudentHash,
        };
        for (var row = 0; row < knowledge.Rows; row++)
        {
            var (key, value) = (new float[knowledge.Width], new float[knowledge.Classes]);
            knowledge.CopyKey(row, key);
            knowledge.CopyValue(row, value);
            builder._rows.Add(new(key, value, knowledge.IdOf(row), knowledge.TextOf(row)));
        }
        return builder;
    }

    /// <summary>Adds a row.</summary>
    /// <param name="key">Of any length but 0; it is divided by it. [D]</param>
    /// <param name="value">Probabilities. [C]</param>
    /// <param name="id">The example's id in its data set.</param>
    /// <param name="text">A text to show where the row is retrieved; null for none.</param>
    /// <exception cref="ArgumentException">Key or value is no vector of that kind.</exception>
    public KnowledgeBaseBuilder Add(ReadOnlySpan<float> key, ReadOnlySpan<float> value, long id, string? text = null)
    {
        if (key.Length != width || value.Length != classes) throw new ArgumentException(Invariant(
            $"A row has a key of {width} numbers and a value of {classes}; {key.Length} and {value.Length} came."));
        var norm = Math.Sqrt(TensorPrimitives.SumOfSquares(key));
        if (!(norm > 1e-15 && double.IsFinite(norm))) throw new ArgumentException(Invariant(
            $"A key must have a direction: its length is {norm:g3}."), nameof(key));
        if (!(TensorPrimitives.Min(value) >= 0 && TensorPrimitives.Max(value) <= 1)) throw new ArgumentException(
            "A value must hold probabilities, from 0 to 1.", nameof(value));

        var unit = new float[width];
        TensorPrimitives.Divide(key, (float)norm, unit);
        _rows.Add(new(unit, value.ToArray(), id, text));
        return this;
    }

    /// <summary>Removes all rows with one of these ids.</summary>
    public KnowledgeBaseBuilder Without(params IEnumerable<long> ids)
    {
        var removed = ids.ToHashSet();
        _rows.RemoveAll(row => removed.Contains(row.Id));
        return this;
    }

    /// <summary>Writes the file: a draft beside it, which is then renamed. An old file stays until then.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(string path)
    {
        var target = Path.GetFullPath(path);
        var draft = $"{target}.{Environment.ProcessId}.{Guid.NewGuid():N}.draft";
        try
        {
            using (var file = new FileStream(draft, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
            {
                Write(file);
                file.Flush(flushToDisk: true);
            }
            File.Move(draft, target, overwrite: true);
        }
        catch
        {
            File.Delete(draft);
            throw;
        }
    }

    /// <summary>Writes the content of the file.</summary>
    /// <exception cref="InvalidOperationException">There is no row, or the settings are none.</exception>
    public void Write(Stream stream)
    {
        if (_rows.Count == 0) throw new InvalidOperationException("A knowledge base needs at least one row.");
        if (Settings.Defect is { } defect) throw new InvalidOperationException($"Of a knowledge base {defect}.");

        var hasTexts = _rows.Any(row => row.Text is not null);
        var header = new KnowledgeHeader
        {
            Rows = _rows.Count, Width = width, Classes = classes, KeyType = KeyType, Settings = Settings,
            StudentHash = StudentHash,
            TextBytes = hasTexts ? _rows.Sum(row => (long)Encoding.UTF8.GetByteCount(row.Text ?? "")) : -1,
        };
        var checksum = new Checksum();
        WriteBody(header, bytes => checksum.Add(bytes));
        stream.Write((header with { BodyChecksum = checksum.Value }).ToBytes());
        WriteBody(header, bytes => stream.Write(bytes));
    }

    // twice the same bytes: for the checksum, which comes first in the file, and for the file
    void WriteBody(KnowledgeHeader header, Action<byte[]> write)
    {
        var body = new PaddedSections(write);
        var scales = new float[_rows.Count];
        var key = new byte[width * header.KeyBytes];
        for (var i = 0; i < _rows.Count; i++)
        {
            scales[i] = KeyRows.Store(KeyType, _rows[i].Key, key);
            body.Add(key);
        }
        body.EndSection();
        if (KeyType == KeyType.Int8) body.Add(MemoryMarshal.AsBytes(scales.AsSpan()));
        body.EndSection();
        foreach (var row in _rows) body.Add(MemoryMarshal.AsBytes(row.Value.AsSpan()));
        body.EndSection();
        foreach (var row in _rows) body.Add(BitConverter.GetBytes(row.Id));
        body.EndSection();
        if (header.TextBytes < 0) return;

        var offset = 0L;
        foreach (var row in _rows)
        {
            body.Add(BitConverter.GetBytes(offset));
            offset += Encoding.UTF8.GetByteCount(row.Text ?? "");
        }
        body.Add(BitConverter.GetBytes(offset));
        body.EndSection();
        foreach (var row in _rows) body.Add(Encoding.UTF8.GetBytes(row.Text ?? ""));
        body.EndSection();
    }

    sealed record Row(float[] Key, float[] Value, long Id, string? Text);
}
