using System.Buffers.Binary;
using static System.FormattableString;

namespace Retort.Data.Parquet;

/// <summary>
/// Walks the footer and every page header of a Parquet file before a library reads it: what they promise must lie in
/// the file and fit the budget, and every field must be of its type, since the library takes it for that unseen.
/// </summary>
sealed class ParquetSurvey(string path, MemoryLimit budget)
{
    const int MostHeader = 1 << 20;                                        // bytes of one page header
    static readonly int[] Offsets = [9, 10, 11];                           // fields with the places of data, index, dictionary: the library begins at the first
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
        return (Tree(bytes), file.Length - 8 - length);
    }

    void Column(FileStream file, ThriftTree chunk, long end, string place)
    {
        if (chunk.Text(1) is { Length: > 0 }) throw Wrong($"{place}: it lies in another file");
        var meta = chunk.Struct(3) ?? throw Wrong($"{place}: nothing is said of its pages");
        var (size, values, codec) = (meta.Number(7) ?? -1, meta.Number(5) ?? -1, meta.Number(4) ?? -1);
        long[] starts = [.. Offsets.Select(meta.Number).OfType<long>().Where(offset => offset != 0)];
        if (starts.Length == 0 || starts.Min() < 4 || size < 0 || size > end - starts.Min())
            throw Wrong(Invariant($"{place}: its pages are said to be {size} bytes from {starts.FirstOrDefault()} on; there are {end}"));
        if (values is < 0 or > int.MaxValue) throw Wrong(Invariant($"{place}: it says that it has {values} values"));
        if (meta.Struct(12)?.Number(3) is var nulls && (nulls < 0 || nulls > values)) throw Wrong(Invariant($"{place}: it says that {nulls} of {values} values are missing"));
        budget.Fits(values * PerValue, path);
        var (at, stop, unpacked) = (starts.Min(), starts.Min() + size, 0L);
        for (var (page, left) = (1, values); left > 0; page++)
        {
            var name = Invariant($"{place}, page {page}");
            var (header, length) = Header(file, at, stop, name);
            var (packed, whole) = (header.Number(3) ?? -1, header.Number(2) ?? -1);
            at += length;
            if (packed < 0 || whole < 0 || packed > stop - at)
                throw Wrong(Invariant($"{name}: it is said to be {packed} bytes, {whole} unpacked; {stop - at} are left"));
            budget.Fits(unpacked += whole, path);
            left -= Values(header, left, name);
            Unpacks(file, at, header, codec, name);
            at += packed;
        }
    }

    /// <summary>How many of a column's values a page has.</summary>
    long Values(ThriftTree header, long left, string place)
    {
        var (kind, whole) = (header.Number(1), header.Number(2));
        var count = (kind switch { 0 => header.Struct(5), 2 => header.Struct(7), 3 => header.Struct(8), _ => null })?.Number(1)
            ?? throw Wrong(Invariant($"{place}: nothing is said of its values"));
        if (count < 0 || count > (kind == 2 ? whole : left)) throw Wrong(Invariant($"{place}: it says that it has {count} values"));
        if (kind == 3 && header.Struct(8)!.Number(2) is var nulls && (nulls < 0 || nulls > count)) throw Wrong(Invariant($"{place}: it says that {nulls} of {count} values are missing"));
        return kind == 2 ? 0 : count;
    }

    /// <summary>What is not packed is as long as it says; Snappy's own first number, which the library takes room for, too.</summary>
    void Unpacks(FileStream file, long at, ThriftTree header, long codec, string place)
    {
        var (packed, whole, second) = (header.Number(3)!.Value, header.Number(2)!.Value, header.Struct(8));
        var levels = (second?.Number(5) ?? 0) + (second?.Number(6) ?? 0);
        if (second is not null && (second.Number(5) < 0 || second.Number(6) < 0 || levels > Math.Min(packed, whole))) throw Wrong(Invariant($"{place}: its levels are said to be {levels} bytes"));
        if (codec == 0 || second?.Fields.GetValueOrDefault(7) is false)
        {
            if (packed != whole) throw Wrong(Invariant($"{place}: {packed} bytes that are not packed are said to be {whole}"));
        }
        else if (codec == 1 && packed > levels)
        {
            Span<byte> start = stackalloc byte[(int)Math.Min(packed - levels, 10)];
            file.Seek(at + levels, SeekOrigin.Begin);
            file.ReadExactly(start);
            var (length, shift) = (0UL, 0);
            foreach (var next in start)
            {
                length |= (ulong)(next & 0x7f) << shift;
                shift += 7;
                if (next < 0x80) break;
            }
            if (length != (ulong)(whole - levels)) throw Wrong(Invariant($"{place}: it is said to be {whole - levels} bytes unpacked, and says itself {length}"));
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
                var read = ThriftTree.Read(bytes);
                ThriftForm.PageHeader.Check(read.Tree);
                return read;
            }
            catch (InvalidDataException error)                             // perhaps it is longer than what was looked at
            {
                if (bytes.Length < size || bytes.Length == MostHeader) throw Wrong($"{place}: {error.Message}", error);
            }
        }
    }

    ThriftTree Tree(byte[] bytes)
    {
        try
        {
            var tree = ThriftTree.Read(bytes, budget.Left / ThriftTree.PerValue).Tree;
            ThriftForm.Footer.Check(tree);
            return tree;
        }
        catch (InvalidDataException error)
        {
            throw Wrong($"its footer: {error.Message}", error);
        }
    }

    InvalidDataException Wrong(string what, Exception? inner = null) => new($"{path}: {what}.", inner);
}
