using Retort.Runtime;

namespace Retort.Tests.Runtime;

public sealed class OnnxTests
{
    [Fact]
    public void Speed()
    {
        using var onnx = new Onnx(Path.Combine(CacheFolders.Data, "interop", "lenet_opset17.onnx"));
        TestContext.Current.TestOutputHelper!.WriteLine(string.Join(", ", onnx.Inputs) + " -> " + string.Join(", ", onnx.Outputs) + " " + string.Join(";", onnx.Metadata));
        using var call = onnx.Prepare([[1, 1, 28, 28]], onnx.Outputs[0].Name);
        call.Run();
        for (var i = 0; i < 200; i++) call.Run();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var clock = System.Diagnostics.Stopwatch.StartNew();
        for (var i = 0; i < 1000; i++) { call.Input<float>()[0] = i; call.Run(); if (call.Output<float>()[0] == 77) break; }
        TestContext.Current.TestOutputHelper!.WriteLine($"{clock.Elapsed.TotalMicroseconds / 1000} us, {GC.GetAllocatedBytesForCurrentThread() - before} bytes");
        foreach (var bad in new[] { "mnist-64.parquet", "lenet.pth" })
            TestContext.Current.TestOutputHelper!.WriteLine(Assert.Throws<InvalidDataException>(() => new Onnx(Path.Combine(CacheFolders.Data, "interop", bad))).Message);
        TestContext.Current.TestOutputHelper!.WriteLine(Assert.Throws<InvalidDataException>(() => onnx.Output("x")).Message);
        TestContext.Current.TestOutputHelper!.WriteLine(Assert.Throws<InvalidDataException>(() => onnx.Prepare([[1, 3, 28, 28]], "logits")).Message);
    }
}
