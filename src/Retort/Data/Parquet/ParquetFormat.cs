using static Retort.Data.Parquet.ThriftType;

namespace Retort.Data.Parquet;

/// <summary>
/// The structs of Parquet's metadata: apache/parquet-format, parquet.thrift of version 2.12, without encryption. The
/// fields of a struct are listed by their ids, from 1.
/// </summary>
static class ParquetFormat
{
    static readonly ThriftType Statistics =
        Struct(Bytes, Bytes, Integer, Integer, Bytes, Bytes, Bool, Bool, Integer);

    /// <summary>FileMetaData.</summary>
    public static ThriftType Footer { get; } = Struct(
        Integer,
        List(SchemaElement()),
        Integer,
        List(RowGroup()),
        List(KeyValue()),
        Bytes,
        List(Struct(Struct(), Struct())));

    /// <summary>PageHeader.</summary>
    public static ThriftType PageHeader { get; } = Struct(
        Integer,
        Integer,
        Integer,
        Integer,
        Struct(Integer, Integer, Integer, Integer, Statistics),
        Struct(),
        Struct(Integer, Integer, Bool),
        Struct(Integer, Integer, Integer, Integer, Integer, Integer, Bool, Statistics));

    static ThriftType SchemaElement() =>
        Struct(Integer, Integer, Integer, Bytes, Integer, Integer, Integer, Integer, Integer, LogicalType());

    static ThriftType LogicalType()
    {
        var empty = Struct();
        var time = Struct(Bool, Struct(empty, empty, empty));
        return Struct(
            empty, empty, empty, empty, Struct(Integer, Integer), empty, time, time, null, Struct(Int8, Bool),
            empty, empty, empty, empty, empty, Struct(Int8), Struct(Bytes), Struct(Bytes, Integer));
    }

    static ThriftType RowGroup()
    {
        var chunk = Struct(Bytes, Integer, ColumnMetaData(), Integer, Integer, Integer, Integer);
        return Struct(List(chunk), Integer, Integer, List(Struct(Integer, Bool, Bool)), Integer, Integer, Integer);
    }

    static ThriftType ColumnMetaData()
    {
        var sizes = Struct(Integer, List(Integer), List(Integer));
        var box = Struct(Float64, Float64, Float64, Float64, Float64, Float64, Float64, Float64);
        return Struct(
            Integer, List(Integer), List(Bytes), Integer, Integer, Integer, Integer, List(KeyValue()), Integer, Integer,
            Integer, Statistics, List(Struct(Integer, Integer, Integer)), Integer, Integer, sizes,
            Struct(box, List(Integer)));
    }

    static ThriftType KeyValue() => Struct(Bytes, Bytes);
}
