using Google.Protobuf;
using Retort.Runtime.Wire;

namespace Retort.Runtime;

/// <summary>Reads an ONNX file as protobuf messages. Nothing in it is executed.</summary>
static class OnnxFile
{
    const int MaxBytes = int.MaxValue;                                      // protobuf's own limit
    const int MaxDepth = 100;                                               // messages in messages

    /// <summary>Parses a file and checks that it is a model.</summary>
    /// <exception cref="InvalidDataException">It is no model; the message says why.</exception>
    public static ModelProto Read(string path)
    {
        if (!File.Exists(path)) throw new InvalidDataException($"{path} is not there.");
        using var file = InputFile.Open(path);
        if (file.Length > MaxBytes)
            throw NoModel(path, Invariant($"it has {file.Length} bytes, and such a file has at most {MaxBytes}"));

        var model = Parse(file, path);
        if (!model.HasIrVersion || model.OpsetImport.Count == 0)
            throw NoModel(path, "it states no version of the format");
        if (model.Graph is null || model.Graph.Node.Count == 0) throw NoModel(path, "it has no graph");
        foreach (var weight in model.Graph.Initializer)
            if (weight.DataLocation == TensorProto.Types.DataLocation.External)
                throw new InvalidDataException(
                    $"{path} keeps {weight.Name} in another file ({LocationOf(weight)}): "
                    + "only models of one file are read.");
        return model;
    }

    static ModelProto Parse(FileStream file, string path)
    {
        try
        {
            return ModelProto.Parser.ParseFrom(CodedInputStream.CreateWithLimits(file, MaxBytes, MaxDepth));
        }
        catch (Exception error) when (error is InvalidProtocolBufferException or ArgumentException)
        {
            throw NoModel(path, "its bytes are not those of such a file", error);
        }
    }

    static string LocationOf(TensorProto weight) =>
        weight.ExternalData.FirstOrDefault(entry => entry.Key == "location")?.Value ?? "unnamed";

    static InvalidDataException NoModel(string path, string why, Exception? error = null) =>
        new($"{path} is no ONNX model: {why}.", error);
}
