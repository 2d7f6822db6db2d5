namespace Retort.Tests.Models;

/// <summary>What the papers and the literature's code say of the families.</summary>
public sealed class PublishedTests
{
    // CIFAR-100, counted in the code of Tian et al. 2020 (arXiv:1910.10699), the networks of
    // the distillation literature
    [Theory]
    [InlineData(83_892, """{ "name": "resnet", "depth": 8 }""")]
    [InlineData(181_108, """{ "name": "resnet", "depth": 14 }""")]
    [InlineData(278_324, """{ "name": "resnet", "depth": 20 }""")]
    [InlineData(472_756, """{ "name": "resnet", "depth": 32 }""")]
    [InlineData(667_188, """{ "name": "resnet", "depth": 44 }""")]
    [InlineData(861_620, """{ "name": "resnet", "depth": 56 }""")]
    [InlineData(1_736_564, """{ "name": "resnet", "depth": 110 }""")]
    [InlineData(1_233_540, """{ "name": "resnet", "depth": 8, "widths": [32, 64, 128, 256] }""")]
    [InlineData(7_433_860, """{ "name": "resnet", "depth": 32, "widths": [32, 64, 128, 256] }""")]
    [InlineData(2_255_156, """{ "name": "wide-resnet", "depth": 40, "widening": 2 }""")]
    [InlineData(569_780, """{ "name": "wide-resnet", "depth": 40, "widening": 1 }""")]
    [InlineData(703_284, """{ "name": "wide-resnet", "depth": 16, "widening": 2 }""")]
    [InlineData(180_916, """{ "name": "wide-resnet", "depth": 16, "widening": 1 }""")]
    [InlineData(3_965_028, """{ "name": "vgg", "depth": 8 }""")]
    [InlineData(9_277_284, """{ "name": "vgg", "depth": 11 }""")]
    [InlineData(9_462_180, """{ "name": "vgg", "depth": 13 }""")]
    [InlineData(14_774_436, """{ "name": "vgg", "depth": 16 }""")]
    [InlineData(20_086_692, """{ "name": "vgg", "depth": 19 }""")]
    [InlineData(812_836, """{ "name": "mobilenet-v2", "width": 0.5, "expansion": 6 }""")]
    public void On_cifar_100_it_has_the_published_number_of_parameters(long published, string json) =>
        Assert.Equal(published, Parameters(json, [3, 32, 32], 100));

    [Theory]
    // (25 + 1) 6 + (6 · 25 + 1) 16 + (400 + 1) 120 + (120 + 1) 84 + (84 + 1) 10
    [InlineData(61_706, """{ "name": "lenet" }""")]
    // (25 + 1) 4 + (4 · 25 + 1) 8 + (8 · 7 · 7 + 1) 10
    [InlineData(
        4_842, """{ "name": "convnet", "widths": [4, 8], "kernel": 5, "norm": "none", "downsampling": "stride" }""")]
    // (784 + 1) 64 + (64 + 1) 64 + (64 + 1) 10
    [InlineData(55_050, """{ "name": "mlp" }""")]
    public void On_mnist_it_has_as_many_parameters_as_by_hand(long byHand, string json) =>
        Assert.Equal(byHand, Parameters(json, [1, 28, 28], 10));

    // √(2 / (k² · outputs)); the deviation of n draws is right to 1 / √(2n), a fourth of a percent for 64 · 64 · 9 · 4
    [Theory]
    [InlineData("resnet", "layer3.2.conv2.weight", 64)]
    [InlineData("wide-resnet", "block3.layer.1.conv2.weight", 128)]
    [InlineData("vgg", "block3.0.weight", 512)]
    [InlineData("mobilenet-v2", "blocks.5.1.conv.3.weight", 480)]
    public void Its_kernels_begin_normal_with_the_deviation_of_He(string name, string key, int outputs)
    {
        using var scope = torch.NewDisposeScope();
        torch.manual_seed(1);
        using var network = Golden.Student($$"""{ "name": "{{name}}" }""", Golden.Info([3, 32, 32], 10));
        var kernel = network.get_parameter(key)!.detach();
        Assert.Equal(
            Math.Sqrt(2.0 / (9 * outputs)), kernel.std().ToDouble(), tolerance: 0.04 * Math.Sqrt(2.0 / (9 * outputs)));
    }

    [Theory]
    [InlineData("vgg", "classifier")]
    [InlineData("mobilenet-v2", "classifier.0")]
    public void Its_classifier_begins_normal_with_deviation_a_hundredth_and_no_bias(string name, string key)
    {
        using var scope = torch.NewDisposeScope();
        torch.manual_seed(1);
        using var network = Golden.Student($$"""{ "name": "{{name}}" }""", Golden.Info([3, 32, 32], 10));
        Assert.Equal(0.01, network.get_parameter(key + ".weight")!.detach().std().ToDouble(), tolerance: 0.0005);
        Assert.Equal(0, network.get_parameter(key + ".bias")!.detach().abs().max().ToDouble());
    }

    [Theory] // the literature's code pools a fourth time for pictures of 64 pixels a side
    [InlineData(32, 4, 4)]
    [InlineData(64, 8, 4)]
    public void Vgg_ends_as_4_by_4_for_small_and_large_pictures(int side, int fourth, int fifth)
    {
        using var scope = torch.NewDisposeScope();
        using var network = Golden.Student("""{ "name": "vgg" }""", Golden.Info([1, side, side], 3));
        var maps =
            network.Forward(new(("pixel_values", torch.zeros(2, 1, side, side))), Output.HiddenStates).HiddenStates;
        Assert.Equal([(64, side), (128, side / 2), (256, side / 4), (512, fourth), (512, fifth)],
            maps.Select(map => ((int)map.size(1), (int)map.size(2))));
    }

    static long Parameters(string json, long[] shape, int classes)
    {
        using var network = Golden.Student(json, Golden.Info(shape, classes));
        return network.parameters().Sum(parameter => parameter.numel());
    }
}
