using Element = Retort.Runtime.Wire.TensorProto.Types.DataType;

namespace Retort.Export;

/// <summary>Element types of inputs in ONNX.</summary>
static class GraphTypes
{
    /// <summary>As ONNX files are described: float, int64, bool.</summary>
    public static string Name(TensorType type) =>
        type == TensorType.Float32 ? "float" : type.ToString().ToLowerInvariant();

    public static Element Onnx(TensorType type) => type switch
    {
        TensorType.Float32 => Element.Float,
        TensorType.Int64 => Element.Int64,
        _ => Element.Bool,
    };
}
