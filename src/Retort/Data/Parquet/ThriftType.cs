namespace Retort.Data.Parquet;

/// <summary>A type of Thrift's compact protocol.</summary>
sealed class ThriftType(int code)
{
    public static ThriftType Bool { get; } = new(1);
    public static ThriftType Int8 { get; } = new(3);
    public static ThriftType Integer { get; } = new(6);
    public static ThriftType Float64 { get; } = new(7);
    public static ThriftType Bytes { get; } = new(8);

    public static ThriftType List(ThriftType item) => new(9) { Item = item };

    /// <param name="fields">The types of the fields, from id 1; null where the struct has no field of this id.</param>
    public static ThriftType Struct(params IReadOnlyList<ThriftType?> fields) => new(12) { Fields = fields };

    /// <summary>The type of a list's items.</summary>
    public ThriftType? Item { get; private init; }

    /// <summary>The types of a struct's fields, from id 1.</summary>
    public IReadOnlyList<ThriftType?> Fields { get; private init; } = [];

    /// <summary>The protocol's code of this type: the code of 64 bits for integers, of true for booleans.</summary>
    public int Code => code;

    /// <summary>Whether the file may give this code to a value of this type.</summary>
    public bool Accepts(int fileCode) => code switch
    {
        1 => fileCode is 1 or 2,                                           // true, false
        6 => fileCode is 4 or 5 or 6,                                      // 16, 32, 64 bits
        _ => fileCode == code,
    };
}
