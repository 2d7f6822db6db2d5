using System.Buffers.Binary;
using static System.FormattableString;

namespace Retort.Data;

/// <summary>
/// Walks the footer and every page header of a Parquet file before a library reads it: what they promise must lie in
/// the file and fit the budget.
/// </summary>
sealed class ParquetSurvey(string path, Budget budget)
{
    const int MostHeader = 1 << 20;                                        // bytes of one page header
    const int PerValue = 24;                                               // bytes that a value costs in memory at least: a reference and its object

    /// <exception cref="InvalidDataException">The file, the place and what is wrong.</exception>
    public void Check()
    {
        using var file = File.OpenRead(path);
        var (footer, end) = Footer(file);
        var groups = footer.List(4).ToList();
        var rows = 0L;
        for (var g = 0; g < groups.Count; g++)
        {
            var count = groups[g].Number(3) ?? -1;
            if (count is < 0 or > int.MaxValue) throw Wrong(Invariant($"row group {g + 1} says that it has {count} rows"));
            budget.Fits((rows += count) * PerValue, path);
            var columns = groups[g].List(1).ToList();
            for (var c = 0; c < columns.Count; c++) Column(file, columns[c], end, Invariant($"row group {g + 1}, column {c + 1}"));
        }
        if (footer.Number(3) is var promised && promised != rows) throw Wrong(Invariant($"the footer says {promised} rows; its row groups have {rows}"));
    }

    (ThriftTree Tree, long End) Footer(FileStream file)
    {
        Span<byte> ends = stackalloc byte[8];
        if (file.Length < 12) throw Wrong(Invariant($"it has {file.Length} bytes, too few for a Parquet file"));
        file.ReadExactly(ends[..4]);
        var begins = ends[..4].SequenceEqual("PAR1"u8);
        file.Seek(-8, SeekOrigin.End);
        file.ReadExactly(ends);
        if (ends[4..].SequenceEqual("PARE"u8)) throw Wrong("it is encrypted, which cannot be read here");
        if (!begins || !ends[4..].SequenceEqual("PAR1"u8)) throw Wrong("a Parquet file begins and ends with PAR1; it does not");
        var length = BinaryPrimitives.ReadUInt32LittleEndian(ends);
        if (length > file.Length - 12) throw Wrong(Invariant($"its footer is said to have {length} bytes of the file's {file.Length}"));
        budget.Fits(length, path);
        var bytes = new byte[length];
        file.Seek(-8 - length, SeekOrigin.End);
        file.ReadExactly(bytes);
        return (Tree(bytes, "its footer").Tree, file.Length - 8 - length);
    }

    void Column(FileStream file, ThriftTree chunk, long end, string place)
    {
        if (chunk.Text(1) is { Length: > 0 }) throw Wrong($"{place}: it lies in another file");
        var meta = chunk.Struct(3) ?? throw Wrong($"{place}: nothing is said of its pages");
        var (start, size, values) = (meta.Number(9) ?? -1, meta.Number(7) ?? -1, meta.Number(5) ?? -1);
        if (meta.Number(11) is > 0 and var dictionary && dictionary < start) start = dictionary;
        if (start < 4 || size < 0 || size > end - start) throw Wrong(Invariant($"{place}: its pages are said to be {size} bytes from {start} on; there are {end}"));
        if (values is < 0 or > int.MaxValue) throw Wrong(Invariant($"{place}: it says that it has {values} values"));
        budget.Fits(values * PerValue, path);
        var (at, unpacked) = (start, 0L);
        for (var (page, left) = (1, values); left > 0; page++)
        {
            var (header, length) = Header(file, at, start + size, Invariant($"{place}, page {page}"));
            var (packed, whole) = (header.Number(3) ?? -1, header.Number(2) ?? -1);
            at += length;
            if (packed < 0 || whole < 0 || packed > start + size - at)
                throw Wrong(Invariant($"{place}, page {page}: it is said to be {packed} bytes, {whole} unpacked; {start + size - at} are left"));
            budget.Fits(unpacked += whole, path);
            at += packed;
            var count = (header.Struct(5) ?? header.Struct(8))?.Number(1);
            var listed = header.Struct(7)?.Number(1);
            if (count is null && listed is null && header.Number(1) != 1) throw Wrong(Invariant($"{place}, page {page}: nothing is said of its values"));
            if (count < 0 || count > left || listed < 0 || listed > whole) throw Wrong(Invariant($"{place}, page {page}: it says {count ?? listed} values"));
            left -= count ?? 0;
        }
    }

    (ThriftTree Tree, int Length) Header(FileStream file, long from, long to, string place)
    {
        for (var size = 256; ; size *= 8)
        {
            var bytes = new byte[(int)Math.Min(Math.Min(size, MostHeader), to - from)];
            file.Seek(from, SeekOrigin.Begin);
            file.ReadExactly(bytes);
            try
            {
                return ThriftTree.Read(bytes);
            }
            catch (InvalidDataException error)                             // perhaps it is longer than what was looked at
            {
                if (bytes.Length < size || bytes.Length == MostHeader) throw Wrong($"{place}: {error.Message}", error);
            }
        }
    }

    (ThriftTree Tree, int Length) Tree(byte[] bytes, string place)
    {
        try
        {
            return ThriftTree.Read(bytes);
        }
        catch (InvalidDataException error)
        {
            throw Wrong($"{place}: {error.Message}", error);
        }
    }

    InvalidDataException Wrong(string what, Exception? inner = null) => new($"{path}: {what}.", inner);
}
