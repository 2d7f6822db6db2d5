using Retort.Models;

namespace Retort.Tests.Models;

/// <summary>What a network cannot be, said in one sentence with the rule and what came.</summary>
public sealed class RefusedTests
{
    [Theory]
    [InlineData(
        "student.depth must be 6n + 2 with n at least 1 (8, 14, 20, 32, 44, 56, 110); it is 18.",
        """{ "name": "resnet", "depth": 18 }""")]
    [InlineData(
        "student.depth must be 6n + 2 with n at least 1 (8, 14, 20, 32, 44, 56, 110); it is 2.",
        """{ "name": "resnet", "depth": 2 }""")]
    [InlineData(
        "student.widths must be four numbers, of the stem and of three stages; they are 3.",
        """{ "name": "resnet", "widths": [16, 32, 64] }""")]
    [InlineData("student.widths must be at least 1; it is 0.", """{ "name": "resnet", "widths": [16, 16, 0, 64] }""")]
    [InlineData(
        "student.depth must be 6n + 4 with n at least 1 (10, 16, 22, 28, 40); it is 20.",
        """{ "name": "wide-resnet", "depth": 20 }""")]
    [InlineData("student.widening must be at least 1; it is 0.", """{ "name": "wide-resnet", "widening": 0 }""")]
    [InlineData("student.depth must be 8, 11, 13, 16 or 19; it is 12.", """{ "name": "vgg", "depth": 12 }""")]
    [InlineData(
        "student.width must be between 0.0625 and 16; it is 0.01.", """{ "name": "mobilenet-v2", "width": 0.01 }""")]
    [InlineData(
        "student.depth must be 18, 34, 50, 101 or 152; it is 20.",
        """{ "name": "torchvision-resnet", "depth": 20 }""")]
    [InlineData("student.dropout must be at least 0 and less than 1; it is 1.",
        """{ "name": "torchvision-mobilenet-v3", "dropout": 1 }""")]
    [InlineData("student.hiddenSize must be a multiple of heads, 5; it is 192.", """{ "name": "vit", "heads": 5 }""")]
    [InlineData("student.patchSize must be at least 1; it is 0.", """{ "name": "vit", "patchSize": 0 }""")]
    [InlineData("student.kernel must be odd and at least 1; it is 4.", """{ "name": "convnet", "kernel": 4 }""")]
    [InlineData(
        "student.widths must have at least one number; it is empty.", """{ "name": "convnet", "widths": [] }""")]
    [InlineData("student.hidden must be at least 1; it is -3.", """{ "name": "convnet", "hidden": [-3] }""")]
    public void A_recipe_says_the_rule_and_what_came(string sentence, string json) =>
        Assert.Contains(
            sentence, Assert.Throws<InvalidDataException>(() => Golden.Options(json)).Message,
            StringComparison.Ordinal);

    [Theory] // each network's least, one less, and what it says
    [InlineData("lenet", 12)]
    [InlineData("convnet", 8)]
    [InlineData("resnet", 4)]
    [InlineData("wide-resnet", 4)]
    [InlineData("vgg", 8)]
    [InlineData("mobilenet-v2", 16)]
    [InlineData("torchvision-resnet", 8)]
    [InlineData("torchvision-mobilenet-v2", 8)]
    [InlineData("torchvision-mobilenet-v3", 8)]
    public void Pictures_below_the_least_side_are_refused_and_of_that_side_are_taken(string name, int least)
    {
        using var scope = torch.NewDisposeScope();
        var options = Golden.Options($$"""{ "name": "{{name}}" }""");
        using var network = ModuleFactory.Create(() => options.Build(Golden.Info([1, least, least], 3)));
        var logits = network.Forward(new(("pixel_values", torch.zeros(2, 1, least, least))), Output.Logits).Logits;
        Assert.Equal([2, 3], logits.shape);
        var error =
            Assert.Throws<InvalidOperationException>(() => options.Build(Golden.Info([1, least, least - 1], 3)));
        Assert.Contains(
            $"takes images of at least {least} x {least} pixels; the data's are {least} x {least - 1}",
            error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_of_pictures_refuses_a_table_of_numbers()
    {
        var error =
            Assert.Throws<InvalidOperationException>(() => new ResNetOptions().Build(Golden.Info([5], 3, "features")));
        Assert.Equal("resnet takes images; the data has features: choose another network, such as mlp.", error.Message);
    }

    [Fact]
    public void A_table_of_numbers_goes_through_mlp()
    {
        using var scope = torch.NewDisposeScope();
        using var network = ModuleFactory.Create(() => new MlpOptions().Build(Golden.Info([5], 3, "features")));
        Assert.Equal([2, 3], network.Forward(new(("features", torch.zeros(2, 5))), Output.Logits).Logits.shape);
    }
}
