using System.Globalization;
using Retort.Report;

namespace Retort.Data.Parquet;

/// <summary>
/// Which fields a struct of Parquet's format may have, and of what type each is (apache/parquet-format, parquet.thrift of
/// version 2.12): n a whole number, y a byte, b a truth value, t bytes, d a floating-point number, {…} a struct, […] a list.
/// </summary>
sealed class ThriftForm
{
    const string Statistics = "{1t 2t 3n 4n 5t 6t 7b 8b 9n}", Empty = "{}", Unit = "{1{} 2{} 3{}}", Sizes = "{1n 2[n] 3[n]}";
    const string Logical = $"{{1{Empty} 2{Empty} 3{Empty} 4{Empty} 5{{1n 2n}} 6{Empty} 7{{1b 2{Unit}}} 8{{1b 2{Unit}}} 10{{1y 2b}} 11{Empty} 12{Empty} 13{Empty} 14{Empty} 15{Empty} 16{{1y}} 17{{1t}} 18{{1t 2n}}}}";
    const string Element = $"{{1n 2n 3n 4t 5n 6n 7n 8n 9n 10{Logical}}}", Pair = "{1t 2t}";
    const string Box = "{1d 2d 3d 4d 5d 6d 7d 8d}";
    const string Column = $"{{1n 2[n] 3[t] 4n 5n 6n 7n 8[{Pair}] 9n 10n 11n 12{Statistics} 13[{{1n 2n 3n}}] 14n 15n 16{Sizes} 17{{1{Box} 2[n]}}}}";
    const string Chunk = $"{{1t 2n 3{Column} 4n 5n 6n 7n}}";

    readonly Dictionary<int, (char Kind, ThriftForm? Inner)> _fields = [];

    ThriftForm() { }

    /// <summary>FileMetaData without what encryption adds.</summary>
    public static ThriftForm Footer { get; } =
        Of($"{{1n 2[{Element}] 3n 4[{{1[{Chunk}] 2n 3n 4[{{1n 2b 3b}}] 5n 6n 7n}}] 5[{Pair}] 6t 7[{{1{Empty} 2{Empty}}}]}}");

    /// <summary>PageHeader.</summary>
    public static ThriftForm PageHeader { get; } = Of($"{{1n 2n 3n 4n 5{{1n 2n 3n 4n 5{Statistics}}} 6{Empty} 7{{1n 2n 3b}} 8{{1n 2n 3n 4n 5n 6n 7b 8{Statistics}}}}}");

    /// <exception cref="InvalidDataException">Which field is not as it must be.</exception>
    public void Check(ThriftTree tree)
    {
        foreach (var (field, value) in tree.Fields)
        {
            if (!_fields.TryGetValue(field, out var form)) throw new InvalidDataException($"field {field}, which this version of the format does not have there");
            if (form.Kind == '[' && value is object[] list)
                foreach (var item in list) Check(item, form.Inner!._fields[0], field);
            else Check(value, form, field);
        }
    }

    static void Check(object value, (char Kind, ThriftForm? Inner) form, int field)
    {
        var fits = form.Kind switch { 'n' => value is long, 'y' => value is sbyte, 'b' => value is bool, 't' => value is byte[], 'd' => value is double, '{' => value is ThriftTree, _ => false };
        if (!fits) throw new InvalidDataException($"field {field} is not of the type that it must be");
        if (value is ThriftTree inner) form.Inner!.Check(inner);
    }

    static ThriftForm Of(string text)
    {
        var at = 0;
        return Struct(text, ref at);
    }

    static ThriftForm Struct(string text, ref int at)
    {
        var form = new ThriftForm();
        for (at++; text[at] != '}';)
        {
            if (text[at] == ' ') { at++; continue; }
            var from = at;
            while (char.IsAsciiDigit(text[at])) at++;
            form._fields[int.Parse(text.AsSpan(from, at - from), NumberStyles.None, CultureInfo.InvariantCulture)] = Value(text, ref at);
        }
        at++;
        return form;
    }

    static (char Kind, ThriftForm? Inner) Value(string text, ref int at)
    {
        var kind = text[at];
        if (kind == '{') return (kind, Struct(text, ref at));
        at++;
        if (kind != '[') return (kind, null);
        var list = new ThriftForm();
        list._fields[0] = Value(text, ref at);
        at++;                                                              // its ]
        return (kind, list);
    }
}
