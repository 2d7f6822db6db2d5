using System.Buffers.Binary;
using Parquet.Meta;
using ZstdSharp;

namespace Retort.Data.Parquet;

/// <summary>Checks the sizes and types that a Parquet file states before Parquet.Net trusts them.</summary>
/// <remarks>
/// Seen with Parquet.Net 6.1 over 9,000 damaged files without this check: 23 were findings, 19 of them runaway
/// allocations (.27 to 2 GB) and four that did not end. With the page check alone one of 12,000 took 8.6 GB and three
/// did not end: it allocates what a list or a text states, takes a field for its type without looking, and reads a
/// number that runs past the end for ever.
/// </remarks>
sealed class ParquetGuard(FileStream file, string path, MemoryLimit budget)
{
    // the least memory that a value takes: a reference and its object
    const int BytesPerValue = 24;

    // the memory that a value of the footer takes at most: an object of Parquet.Net
    const int BytesPerFooterValue = 200;

    long _end;                                                             // where the footer begins

    /// <summary>Checks the footer's length and every field in it.</summary>
    public void CheckFooter()
    {
        Span<byte> ends = stackalloc byte[12];
        if (file.Length < ends.Length)
            throw Wrong("its ends", Invariant($"a Parquet file has at least 12 bytes; it has {file.Length}"));
        file.Seek(0, SeekOrigin.Begin);
        file.ReadExactly(ends[..4]);
        file.Seek(-8, SeekOrigin.End);
        file.ReadExactly(ends[4..]);
        if (ends[8..].SequenceEqual("PARE"u8)) throw Wrong("its footer", "it is encrypted, which is not supported");
        if (!ends[..4].SequenceEqual("PAR1"u8) || !ends[8..].SequenceEqual("PAR1"u8))
            throw Wrong("its ends", "a Parquet file begins and ends with PAR1; it does not");

        var length = BinaryPrimitives.ReadUInt32LittleEndian(ends[4..]);
        if (length > file.Length - ends.Length)
            throw Wrong("its footer", Invariant($"it states {length} bytes; the file has {file.Length}"));
        budget.CheckFits(length, path);
        _end = file.Length - 8 - length;
        file.Seek(_end, SeekOrigin.Begin);
        new ThriftReader(file, file.Length - 8, budget.Available / BytesPerFooterValue)
            .ReadStruct(ParquetFormat.Footer);
    }

    /// <summary>Checks the counts and offsets of every column, and the header of every page.</summary>
    public void CheckPages(FileMetaData metadata)
    {
        var rows = 0L;
        foreach (var (g, group) in metadata.RowGroups.Index())
        {
            var place = Invariant($"row group {g + 1}");
            if (group.NumRows is < 0 or > int.MaxValue)
                throw Wrong(place, Invariant($"it states {group.NumRows} rows"));
            budget.CheckFits((rows += group.NumRows) * BytesPerValue, path);
            foreach (var (c, column) in group.Columns.Index())
                CheckColumn(column, Invariant($"{place}, column {c + 1}"));
        }
    }

    void CheckColumn(ColumnChunk column, string place)
    {
        if (column.FilePath is { Length: > 0 }) throw Wrong(place, "it is in another file, which is not supported");
        if (column.MetaData is not { } meta) throw Wrong(place, "its metadata is missing");
        long[] offsets = [meta.DataPageOffset, meta.IndexPageOffset ?? 0, meta.DictionaryPageOffset ?? 0];
        var start = offsets.Where(offset => offset != 0).DefaultIfEmpty(-1).Min();      // where Parquet.Net begins
        var size = meta.TotalCompressedSize;
        if (start < 4 || size < 0 || size > _end - start)
            throw Wrong(place, Invariant($"it states {size} bytes from {start}; pages end at {_end}"));
        if (meta.NumValues is < 0 or > int.MaxValue)
            throw Wrong(place, Invariant($"it states {meta.NumValues} values"));
        budget.CheckFits(meta.NumValues * BytesPerValue, path);

        file.Seek(start, SeekOrigin.Begin);
        var (values, unpacked) = (meta.NumValues, 0L);
        for (var page = 1; values > 0; page++)
            CheckPage(meta.Codec, start + size, Invariant($"{place}, page {page}"), ref values, ref unpacked);
    }

    /// <summary>Checks the page at the file's position and moves on to the next page.</summary>
    void CheckPage(CompressionCodec codec, long end, string place, ref long values, ref long unpacked)
    {
        var reader = new ThriftReader(file, end);
        reader.ReadStruct(ParquetFormat.PageHeader);
        var header = new PageHeader(reader.Numbers);
        var (start, packed, size) = (file.Position, header.PackedSize, header.UnpackedSize);
        if (packed < 0 || packed > end - start || size is < 0 or > int.MaxValue)
            throw Wrong(place, Invariant($"it states {packed} bytes, unpacked {size}; {end - start} are left"));

        var count = header.Values;
        if (count is < 0 or > int.MaxValue || (!header.IsDictionary && count > values))
            throw Wrong(place, Invariant($"it states {count} values; {values} are left"));
        if (header.IsDictionary) budget.CheckFits(count * BytesPerValue, path);
        else values -= count;

        var levels = header.IsVersion2 ? CheckVersion2(header, place) : 0;
        if (codec == CompressionCodec.UNCOMPRESSED || header.IsUnpacked)
        {
            if (packed != size)
                throw Wrong(place, Invariant($"it is not packed, but states {packed} bytes, unpacked {size}"));
        }
        else if (packed > levels)
        {
            file.Seek(levels, SeekOrigin.Current);
            size = Math.Max(size, StatedSize(codec, packed - levels));
        }
        budget.CheckFits(unpacked += size, path);
        file.Seek(start + packed, SeekOrigin.Begin);
    }

    /// <summary>Checks what only pages of version 2 have. Returns the bytes of their levels, not packed.</summary>
    long CheckVersion2(PageHeader header, string place)
    {
        var (nulls, definitions, repetitions) = (header.Nulls, header.DefinitionBytes, header.RepetitionBytes);
        if (nulls < 0 || nulls > header.Values)
            throw Wrong(place, Invariant($"it states {nulls} nulls in {header.Values} values"));
        var left = Math.Min(header.PackedSize, header.UnpackedSize);
        if (definitions < 0 || definitions > left || repetitions < 0 || repetitions > left - definitions)
            throw Wrong(place, Invariant($"it states {definitions} + {repetitions} bytes of levels; {left} are left"));
        return definitions + repetitions;
    }

    /// <summary>The unpacked size that packed bytes state themselves: Parquet.Net allocates this.</summary>
    long StatedSize(CompressionCodec codec, long length)
    {
        if (codec == CompressionCodec.SNAPPY)
            return Clamp(new ThriftReader(file, file.Position + length).ReadVarint());
        if (codec != CompressionCodec.ZSTD) return 0;

        budget.CheckFits(length, path);
        var bytes = new byte[length];
        file.ReadExactly(bytes);
        return Clamp(Decompressor.GetDecompressedSize(bytes));

        static long Clamp(ulong size) => (long)Math.Min(size, int.MaxValue);
    }

    InvalidDataException Wrong(string place, string what) => new($"{path}, {place}: {what}.");

    /// <summary>The numbers in a page header; -1 where one is missing.</summary>
    readonly struct PageHeader(Dictionary<long, long> numbers)
    {
        public bool IsDictionary => Number(1) == 2;
        public bool IsVersion2 => Number(1) == 3;
        public long UnpackedSize => Number(2);
        public long PackedSize => Number(3);
        public long Values => Number(Number(1) switch { 0 => 501, 2 => 701, 3 => 801, _ => -1 });
        public long Nulls => Number(802);
        public long DefinitionBytes => Number(805);
        public long RepetitionBytes => Number(806);
        public bool IsUnpacked => Number(807) == 0;

        long Number(long field) => numbers.GetValueOrDefault(field, -1);
    }
}
