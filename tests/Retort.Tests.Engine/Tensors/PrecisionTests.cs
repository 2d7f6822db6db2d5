using static TorchSharp.torch;

namespace Retort.Tests.Tensors;

public sealed class PrecisionTests
{
    static string Strides(Tensor x) => string.Join(", ", x.stride());

    [Fact] // [2, 3, 4, 5] channel by channel: 60, 20, 5, 1; pixel by pixel: 60, 1, 15, 3
    public void Channels_last_moves_numbers_and_changes_none()
    {
        using var scope = NewDisposeScope();
        var x = arange(120, ScalarType.Float32).reshape(2, 3, 4, 5);
        var last = x.ToMemoryFormat(MemoryFormat.ChannelsLast);
        Assert.Equal("60, 1, 15, 3", Strides(last));
        Assert.True(last.equal(x).all().item<bool>());
        Assert.Equal("60, 20, 5, 1", Strides(last.ToMemoryFormat(MemoryFormat.Contiguous)));
    }

    [Fact]
    public void A_network_is_laid_out_in_place_and_its_gradients_follow()
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        using var layer = ModuleFactory.Create(() => new Conv2d(3, 4, 3, padding: 1));
        var x = rand(2, 3, 6, 6);
        var before = layer.call(x);
        var weight = layer.get_parameter("weight")!;
        layer.ToMemoryFormat(MemoryFormat.ChannelsLast);
        Assert.Same(weight, layer.get_parameter("weight"));
        Assert.Equal("27, 1, 9, 3", Strides(weight));
        Assert.True(weight.requires_grad && weight.is_leaf);

        var after = layer.call(x.ToMemoryFormat(MemoryFormat.ChannelsLast));
        Assert.Equal("144, 1, 24, 4", Strides(after));
        Assert.True(allclose(before, after, rtol: 1e-5, atol: 1e-6));
        after.square().sum().backward();
        Assert.Equal("27, 1, 9, 3", Strides(weight.grad!));
        layer.ToMemoryFormat(MemoryFormat.Contiguous);
        Assert.Equal("27, 9, 3, 1", Strides(weight));
    }

    [Fact]
    public void BFloat16_is_for_this_thread_until_disposed()
    {
        using (Autocast.Enter(ComputePrecision.BFloat16))
        {
            Assert.Equal(ComputePrecision.BFloat16, Autocast.Current);
            var elsewhere = ComputePrecision.BFloat16;
            var thread = new Thread(() => elsewhere = Autocast.Current);
            thread.Start();
            thread.Join();
            Assert.Equal(ComputePrecision.Float32, elsewhere);
            using (Autocast.Enter(ComputePrecision.Float32)) Assert.Equal(ComputePrecision.Float32, Autocast.Current);
            Assert.Equal(ComputePrecision.BFloat16, Autocast.Current);
        }
        Assert.Equal(ComputePrecision.Float32, Autocast.Current);
    }

    /// <summary>A bfloat16 has 8 bits: PyTorch 1.13's autocast moves these gradients by 1 to 12 % of their length over five seeds; 15 % would be a fault.</summary>
    [Fact]
    public void A_step_in_bfloat16_leaves_weights_and_gradients_in_float32_and_near_them()
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        using var network = ModuleFactory.Create(() => new Small());
        var pixels = rand(8, 3, 8, 8);
        var labels = arange(8).remainder(5);
        var exact = Step(network, pixels, labels, ComputePrecision.Float32);
        var narrow = Step(network, pixels, labels, ComputePrecision.BFloat16);
        Assert.Equal(exact.Loss, narrow.Loss, tolerance: 0.02);
        Assert.NotEqual(exact.Loss, narrow.Loss);
        foreach (var (name, gradient) in exact.Gradients)
        {
            Assert.Equal(ScalarType.Float32, narrow.Gradients[name].dtype);
            var off = (narrow.Gradients[name] - gradient).norm().item<float>() / (gradient.norm().item<float>() + 1e-3);
            Assert.True(off < 0.15, $"{name} is off by {off}.");
        }
    }

    static (float Loss, Dictionary<string, Tensor> Gradients) Step(Small network, Tensor pixels, Tensor labels, ComputePrecision arithmetic)
    {
        network.zero_grad();
        using var policy = Autocast.Enter(arithmetic);
        var logits = network.call(pixels);
        Assert.Equal(arithmetic == ComputePrecision.Float32 ? ScalarType.Float32 : ScalarType.BFloat16, logits.dtype);
        var loss = CrossEntropy(logits, labels, 8);
        Assert.Equal(ScalarType.Float32, loss.dtype);
        loss.backward();
        return (loss.item<float>(), network.named_parameters().ToDictionary(one => one.name, one => one.parameter.grad!.clone()));
    }

    [Fact]
    public void Running_figures_stay_float32_under_bfloat16()
    {
        using var scope = NewDisposeScope();
        using var network = ModuleFactory.Create(() => new Small());
        using var policy = Autocast.Enter(ComputePrecision.BFloat16);
        network.call(rand(4, 3, 8, 8));
        Assert.All(network.named_buffers().Where(one => one.name != "norm.num_batches_tracked"), one => Assert.Equal(ScalarType.Float32, one.buffer.dtype));
    }

    [Fact] // the kernel's own list, where there is one
    public void Fast_bfloat16_is_what_the_kernel_says_of_the_processor()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/proc/cpuinfo"), "no /proc/cpuinfo here");
        var flags = File.ReadLines("/proc/cpuinfo").First(line => line.StartsWith("flags", StringComparison.Ordinal) || line.StartsWith("Features", StringComparison.Ordinal)).Split(' ');
        Assert.Equal(flags.Contains("avx512_bf16") || flags.Contains("amx_bf16") || flags.Contains("bf16"), Autocast.HasFastBfloat16);
    }

    sealed class Small : nn.Module<Tensor, Tensor>
    {
        readonly Conv2d conv = new(3, 8, 3, padding: 1, biased: false);
        readonly BatchNorm2d norm = new(8);
        readonly Linear fc = new(8, 5);

        public Small() : base(nameof(Small)) => RegisterComponents();

        public override Tensor forward(Tensor x) => fc.call(norm.call(conv.call(x)).Relu().GlobalAvgPool2d());
    }
}
