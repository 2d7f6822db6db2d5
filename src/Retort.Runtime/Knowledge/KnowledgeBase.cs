using System.IO.MemoryMappedFiles;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Retort.Runtime.Knowledge;

/// <summary>
/// A teacher's embeddings and soft labels in one file, which a student looks its own embeddings up in: for each row a
/// key of length 1, a soft label, an id, and a text where it was stored. Searches are exact.
/// </summary>
/// <remarks>
/// The file is mapped into memory and only read: processes that open the same file share its memory, and any number of
/// threads may search at once. Opening reads the file once and compares its checksums. It must not be changed in place
/// while it is open; <see cref="KnowledgeBaseBuilder"/> writes a new file and renames it.
/// </remarks>
public sealed unsafe partial class KnowledgeBase : INeighborSearch, IDisposable
{
    readonly MemoryMappedFile _file;
    readonly MemoryMappedViewAccessor _view;
    readonly KnowledgeHeader _header;
    readonly int _threads;

    KnowledgeBase(
        string path, MemoryMappedFile file, MemoryMappedViewAccessor view, KnowledgeHeader header, int threads) =>
        (Path, _file, _view, _header, _threads) = (path, file, view, header, threads);

    /// <summary>Opens a file that <see cref="KnowledgeBaseBuilder"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <param name="threads">Threads that one search in a large base may use; the results are the same.</param>
    /// <exception cref="InvalidDataException">
    /// It is no knowledge base, or of another version, or it is damaged or incomplete.
    /// </exception>
    public static KnowledgeBase Open(string path, int threads = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        if (!File.Exists(path)) throw new InvalidDataException($"{path} is missing: it should be a knowledge base.");

        var stream = InputFile.Open(path);
        MemoryMappedFile? file = null;
        MemoryMappedViewAccessor? view = null;
        try
        {
            var header = ReadHeader(stream, path);
            file = MemoryMappedFile.CreateFromFile(
                stream, mapName: null, capacity: 0, MemoryMappedFileAccess.Read, HandleInheritability.None,
                leaveOpen: false);
            view = file.CreateViewAccessor(0, header.Length, MemoryMappedFileAccess.Read);
            var opened = new KnowledgeBase(path, file, view, header, threads);
            opened.Verify();
            return opened;
        }
        catch
        {
            view?.Dispose();
            file?.Dispose();
            stream.Dispose();
            throw;
        }
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>M: the number of rows.</summary>
    public int Rows => _header.Rows;

    /// <summary>D: the numbers of a key, as many as the student's embedding has.</summary>
    public int Width => _header.Width;

    /// <summary>C: the numbers of a soft label.</summary>
    public int Classes => _header.Classes;

    /// <summary>How keys are stored.</summary>
    public KeyType KeyType => _header.KeyType;

    /// <summary>Bytes of the file.</summary>
    public long Bytes => _header.Length;

    /// <summary>Whether rows have texts.</summary>
    public bool HasTexts => _header.TextBytes >= 0;

    /// <summary>SHA-256 of the weights file of the student that it belongs to, in lower-case hexadecimal.</summary>
    public string StudentHash => _header.StudentHash;

    /// <summary>How the student answers with it.</summary>
    public RetrievalSettings Settings => _header.Settings;

    /// <summary>The id of a row: of the example in its data set.</summary>
    public long IdOf(int row)
    {
        using var map = new Map(_view);
        return Section<long>(map.Start, _header.IdsAt, Checked(row), 1)[0];
    }

    /// <summary>The text of a row; null where texts were not stored.</summary>
    /// <exception cref="InvalidDataException">The file says that the text is where none is.</exception>
    public string? TextOf(int row)
    {
        if (!HasTexts) return null;

        using var map = new Map(_view);
        var offsets = Section<long>(map.Start, _header.OffsetsAt, Checked(row), 2);
        var (from, to) = (offsets[0], offsets[1]);
        if (from < 0 || to < from || to > _header.TextBytes || to - from > int.MaxValue)
            throw new InvalidDataException($"{Path}: the text of row {row} is outside the file's texts.");
        return Encoding.UTF8.GetString(map.Start + _header.TextsAt + from, (int)(to - from));
    }

    /// <summary>Copies the key of a row, a vector of length 1, in float32. [D]</summary>
    public void CopyKey(int row, Span<float> into)
    {
        using var map = new Map(_view);
        var key = into[..Width];
        KeyRows.ToSingle(KeyType, KeyAt(map.Start, Checked(row)), key);
        TensorPrimitives.Multiply(key, ScaleAt(map.Start, row), key);
    }

    /// <summary>Copies the soft label of a row. [C]</summary>
    public void CopyValue(int row, Span<float> into)
    {
        using var map = new Map(_view);
        ValueAt(map.Start, Checked(row)).CopyTo(into);
    }

    /// <summary>Closes the file. Searches that run meanwhile still return.</summary>
    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }

    /// <summary>into ← into + weight · the soft label of a row. [C]</summary>
    internal void AddValue(int row, float weight, Span<float> into)
    {
        using var map = new Map(_view);
        TensorPrimitives.MultiplyAdd(ValueAt(map.Start, Checked(row)), weight, into, into);
    }

    static KnowledgeHeader ReadHeader(FileStream stream, string path)
    {
        Span<byte> bytes = stackalloc byte[KnowledgeHeader.Size];
        var count = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return KnowledgeHeader.Read(bytes[..count], stream.Length, path);
    }

    // after it, every section has what searches rely on
    void Verify()
    {
        using var map = new Map(_view);
        var checksum = new Checksum();
        const int Step = 1 << 20;
        for (long at = KnowledgeHeader.Size; at < Bytes; at += Step)
            checksum.Add(new(map.Start + at, (int)Math.Min(Step, Bytes - at)));
        if (checksum.Value != _header.BodyChecksum)
            throw new InvalidDataException($"{Path} is damaged: the checksum of its rows differs.");

        var key = new float[Width];
        for (var row = 0; row < Rows; row++)
        {
            KeyRows.ToSingle(KeyType, KeyAt(map.Start, row), key);
            var length = Math.Sqrt(TensorPrimitives.SumOfSquares(key)) * ScaleAt(map.Start, row);
            if (!(Math.Abs(length - 1) < 0.01)) throw new InvalidDataException(Invariant(
                $"{Path}: the key of row {row} must have the length 1; it has {length:g3}."));
            var value = ValueAt(map.Start, row);
            if (!(TensorPrimitives.Min(value) >= 0 && TensorPrimitives.Max(value) <= 1)) throw new InvalidDataException(
                $"{Path}: the soft label of row {row} must hold probabilities.");
        }
    }

    int Checked(int row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Rows);
        return row;
    }

    ReadOnlySpan<byte> KeyAt(byte* start, int row)
    {
        var bytes = Width * _header.KeyBytes;
        return new(start + KnowledgeHeader.Size + (long)row * bytes, bytes);
    }

    float ScaleAt(byte* start, int row) =>
        KeyType == KeyType.Int8 ? ((float*)(start + _header.ScalesAt))[row] : 1;

    ReadOnlySpan<float> ValueAt(byte* start, int row) =>
        new((float*)(start + _header.ValuesAt) + (long)row * Classes, Classes);

    static ReadOnlySpan<T> Section<T>(byte* start, long at, int first, int count) where T : unmanaged =>
        new((T*)(start + at) + first, count);

    /// <summary>The mapped memory, which stays mapped until this is disposed.</summary>
    readonly ref struct Map
    {
        readonly SafeMemoryMappedViewHandle _handle;

        public Map(MemoryMappedViewAccessor view)
        {
            byte* start = null;
            _handle = view.SafeMemoryMappedViewHandle;
            _handle.AcquirePointer(ref start);
            Start = start + view.PointerOffset;
        }

        public byte* Start { get; }

        public void Dispose() => _handle.ReleasePointer();
    }
}
