using Google.Protobuf;
using Retort.Runtime.Wire;

namespace Retort.Runtime;

/// <summary>An ONNX file as its messages; nothing in it is run.</summary>
static class OnnxFile
{
    const int Largest = int.MaxValue;                                       // of protocol buffers
    const int Deepest = 100;                                                // messages in messages

    /// <summary>Parses and checks that it is a model at all.</summary>
    /// <exception cref="InvalidDataException">It is not; the message says in what.</exception>
    public static ModelProto Read(string path)
    {
        if (!File.Exists(path)) throw new InvalidDataException($"{path} is not there.");
        using var file = File.OpenRead(path);
        if (file.Length > Largest) throw Wrong(path, FormattableString.Invariant($"it has {file.Length} bytes, and such a file has at most {Largest}"));
        ModelProto model;
        try
        {
            model = ModelProto.Parser.ParseFrom(CodedInputStream.CreateWithLimits(file, Largest, Deepest));
        }
        catch (Exception error) when (error is InvalidProtocolBufferException or ArgumentException)
        {
            throw Wrong(path, "its bytes are not those of such a file", error);
        }
        if (!model.HasIrVersion || model.OpsetImport.Count == 0) throw Wrong(path, "it states no version of the format");
        if (model.Graph is null || model.Graph.Node.Count == 0) throw Wrong(path, "it has no graph");
        if (model.Graph.Initializer.FirstOrDefault(weight => weight.DataLocation == TensorProto.Types.DataLocation.External) is { } elsewhere)
            throw new InvalidDataException(
                $"{path} keeps {elsewhere.Name} in another file ({elsewhere.ExternalData.FirstOrDefault(entry => entry.Key == "location")?.Value ?? "unnamed"}): only models of one file are read.");
        return model;
    }

    static InvalidDataException Wrong(string path, string why, Exception? error = null) => new($"{path} is no ONNX model: {why}.", error);
}
