using System.Runtime.InteropServices;
using Google.Protobuf;
using Retort.Runtime.Wire;
using Element = Retort.Runtime.Wire.TensorProto.Types.DataType;
using Kind = Retort.Runtime.Wire.AttributeProto.Types.AttributeType;

namespace Retort.Export;

/// <summary>Numbers and names as ONNX's messages hold them.</summary>
static class GraphWiring
{
    public static TensorProto Floats(string name, IReadOnlyList<long> shape, ReadOnlySpan<float> numbers) =>
        Of(name, Element.Float, shape, numbers);

    public static TensorProto Longs(ReadOnlySpan<long> numbers) => Of("", Element.Int64, [numbers.Length], numbers);

    /// <summary>Little-endian, as every machine is that .NET 10 and libtorch run on.</summary>
    public static TensorProto Of<T>(string name, Element type, IReadOnlyList<long> shape, ReadOnlySpan<T> numbers)
        where T : unmanaged => new()
    {
        Name = name, DataType = (int)type, Dims = { shape },
        RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(numbers)),
    };

    /// <summary>The numbers of a tensor that <see cref="Floats"/> made.</summary>
    public static float[] Read(TensorProto tensor) => MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray();

    public static NodeProto Constant(string name, TensorProto value) => new()
    {
        OpType = "Constant", Name = name, Output = { name }, Attribute = { Attribute("value", value) },
    };

    /// <summary>Replaces a name in a node's list of inputs or outputs.</summary>
    public static void Replace(IList<string> names, string old, string now)
    {
        for (var i = 0; i < names.Count; i++)
            if (names[i] == old) names[i] = now;
    }

    public static AttributeProto Attribute(string key, object value)
    {
        var attribute = new AttributeProto { Name = key };
        switch (value)
        {
            case long number:
                (attribute.Type, attribute.I) = (Kind.Int, number);
                break;
            case double number:
                (attribute.Type, attribute.F) = (Kind.Float, (float)number);
                break;
            case string text:
                (attribute.Type, attribute.S) = (Kind.String, ByteString.CopyFromUtf8(text));
                break;
            case TensorProto tensor:
                (attribute.Type, attribute.T) = (Kind.Tensor, tensor);
                break;
            case IReadOnlyList<long> numbers:
                attribute.Type = Kind.Ints;
                attribute.Ints.Add(numbers);
                break;
            default:
                throw new InvalidOperationException(
                    $"The attribute {key} is a {value.GetType().Name}, which no operator of ONNX takes.");
        }
        return attribute;
    }
}
