namespace Retort.Data.Parquet;

/// <summary>
/// Reads a struct of Thrift's compact protocol and checks every field's type and every length. Parquet keeps its
/// footer and its page headers in this protocol.
/// </summary>
/// <param name="stream">Where the struct begins.</param>
/// <param name="end">The position in the stream that reading must not pass.</param>
/// <param name="maxValues">The most values that the struct may have; one byte can hold a value.</param>
sealed class ThriftReader(Stream stream, long end, long maxValues = 100_000)
{
    long _values;

    /// <summary>
    /// The integers and booleans (1 or 0) that were read, by their field's path: field 1 of field 8 has the key 801.
    /// </summary>
    public Dictionary<long, long> Numbers { get; } = [];

    /// <exception cref="InvalidDataException">What is wrong, without the file's name.</exception>
    public void ReadStruct(ThriftType type, long path = 0)
    {
        var (id, seen) = (0L, 0UL);
        while (ReadByte() is > 0 and var header)
        {
            id = header >> 4 is > 0 and var step ? id + step : ReadInteger();
            if (id < 1 || id > type.Fields.Count || type.Fields[(int)id - 1] is not { } field)
                throw new InvalidDataException(Invariant($"field {id} is not in the format"));
            if ((seen & (1UL << (int)id)) != 0) throw new InvalidDataException(Invariant($"field {id} is there twice"));

            seen |= 1UL << (int)id;
            ReadValue(field, header & 15, 100 * path + id);
        }
    }

    void ReadValue(ThriftType type, int code, long path)
    {
        if (!type.Accepts(code))
            throw new InvalidDataException(Invariant($"field {path % 100} must be of type {type.Code}; it is {code}"));
        if (++_values > maxValues) throw new InvalidDataException(Invariant($"it has more than {maxValues} values"));

        if (type == ThriftType.Bool) Numbers[path] = code == 1 ? 1 : 0;
        else if (type == ThriftType.Integer) Numbers[path] = ReadInteger();
        else if (type == ThriftType.Int8) Skip(1);
        else if (type == ThriftType.Float64) Skip(8);
        else if (type == ThriftType.Bytes) Skip(ReadVarint());
        else if (type.Item is { } item) ReadList(item, path);
        else ReadStruct(type, path);
    }

    void ReadList(ThriftType item, long path)
    {
        var header = ReadByte();
        var count = header >> 4 == 15 ? ReadVarint() : (ulong)(header >> 4);
        CheckLength(count);
        for (var i = 0UL; i < count; i++) ReadValue(item, header & 15, path);
    }

    long ReadInteger()
    {
        var raw = ReadVarint();
        return (long)(raw >> 1) ^ -(long)(raw & 1);
    }

    /// <summary>A number of up to ten bytes, seven bits in each.</summary>
    public ulong ReadVarint()
    {
        var value = 0UL;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var next = ReadByte();
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80) return value;
        }
        throw new InvalidDataException("a number has more than ten bytes");
    }

    int ReadByte()
    {
        CheckLength(1);
        return stream.ReadByte();
    }

    void Skip(ulong count)
    {
        CheckLength(count);
        stream.Seek((long)count, SeekOrigin.Current);
    }

    void CheckLength(ulong count)
    {
        var left = Math.Max(end - stream.Position, 0);
        if (count > (ulong)left)
            throw new InvalidDataException(Invariant($"a length of {count} where {left} bytes are left"));
    }
}
