using Google.Protobuf;
using Retort.Export;
using Retort.Runtime;
using Retort.Runtime.Wire;
using Retort.Tests.Contract;

namespace Retort.Tests.Export;

/// <summary>A forward of the engine and the graph that it becomes, run by ONNX Runtime.</summary>
static class OnnxComparison
{
    /// <summary>The largest difference, each against max(1, |expected|).</summary>
    public static double Error(IReadOnlyList<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Count, actual.Length);
        var worst = 0.0;
        for (var i = 0; i < actual.Length; i++)
            worst = Math.Max(worst, Math.Abs((double)expected[i] - actual[i]) / Math.Max(1, Math.Abs(expected[i])));
        return worst;
    }

    /// <summary>A graph as a file of its own.</summary>
    public static string File(ModelProto model)
    {
        var path = Path.Combine(Few.Folder(), "model.onnx");
        System.IO.File.WriteAllBytes(path, model.ToByteArray());
        return path;
    }

    /// <summary>A shape whose first axis is the batch.</summary>
    public static Sizes Batched(params long[] shape) =>
        new([new GraphSize([0, 1]), .. shape.Select(size => new GraphSize([size, 0]))]);

    /// <summary>What a file answers to one input.</summary>
    public static float[] Answer(string path, Tensor input, string output = "logits")
    {
        using var onnx = new OnnxModel(path);
        using var call = onnx.Prepare([input.shape], output);
        input.ToFloatArray().CopyTo(call.Input<float>());
        call.Run();
        return call.Output<float>().ToArray();
    }
}
