using Retort.Models;
using Retort.Tensors.Files;

namespace Retort.Tests.Models;

/// <summary>The vision transformer: timm's counts, and position embeddings of another image size.</summary>
public sealed class VitTests
{
    // vit_tiny_patch16_224 and vit_small_patch16_224
    [Theory]
    [InlineData("""{ "name": "vit" }""", 5_717_416)]
    [InlineData("""{ "name": "vit", "hiddenSize": 384, "heads": 6 }""", 22_050_664)]
    public void It_has_the_published_number_of_parameters(string json, long parameters)
    {
        using var network = Golden.Student(json, Golden.Info([3, 224, 224], 1000));
        Assert.Equal(parameters, network.parameters().Sum(parameter => parameter.numel()));
    }

    [Fact]
    public void Its_names_are_in_timms_order()
    {
        using var network = Golden.Student("""{ "name": "vit", "layers": 1 }""", Golden.Info([3, 16, 16], 4));
        Assert.Equal(
            [
                "cls_token", "pos_embed", "patch_embed.proj.weight", "patch_embed.proj.bias",
                "blocks.0.norm1.weight", "blocks.0.norm1.bias", "blocks.0.attn.qkv.weight", "blocks.0.attn.qkv.bias",
                "blocks.0.attn.proj.weight", "blocks.0.attn.proj.bias", "blocks.0.norm2.weight", "blocks.0.norm2.bias",
                "blocks.0.mlp.fc1.weight", "blocks.0.mlp.fc1.bias", "blocks.0.mlp.fc2.weight", "blocks.0.mlp.fc2.bias",
                "norm.weight", "norm.bias", "head.weight", "head.bias",
            ],
            network.state_dict().Keys);
    }

    // python3-torch 1.13: interpolate(sin(0 … 8) as 3 x 3, size, mode="bicubic", antialias=True)
    [Theory]
    [InlineData(2, 2, 0.123898, 0.200602, -0.053357, 0.194598)]
    [InlineData(4, 5,
        -0.077737, 0.315973, 0.924963, 1.019901, 1.013074, 0.146435, -0.0082, -0.259443, -0.3665, -0.408788,
        0.019363, -0.122583, -0.341245, -0.370258, -0.364436, -0.379288, 0.044533, 0.730841, 1.010982, 1.118326)]
    public void Positions_of_another_size_are_interpolated_as_in_PyTorch(
        int rows, int columns, params double[] expected)
    {
        using var scope = torch.NewDisposeScope();
        var numbers = torch.arange(9, torch.float32).sin().reshape(1, 9, 1);
        var positions = torch.cat([torch.full(1, 1, 1, 5f), numbers], 1);
        var resized = VitPositions.Resize(positions, (rows, columns), "few.pth").flatten().ToFloatArray();
        Assert.Equal(5, resized[0]);
        Assert.Equal(expected.Length, resized.Length - 1);
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], resized[i + 1], tolerance: 2e-6);
    }

    [Fact]
    public void A_file_of_another_image_size_is_an_initial_one()
    {
        using var scope = torch.NewDisposeScope();
        using var published = Golden.Student(
            """{ "name": "vit", "patchSize": 8, "layers": 1 }""", Golden.Info([3, 32, 32], 4));
        var file = Path.Combine(Contract.Few.Folder(), "few.safetensors");
        SafeTensors.Write(file, published.state_dict());
        using var network = ModuleFactory.Create(
            () => new VitOptions { PatchSize = 8, Layers = 1, Initial = file }.Build(Golden.Info([3, 24, 40], 4)));
        var expected = VitPositions.Resize(published.get_parameter("pos_embed")!, (3, 5), file);
        Assert.True(expected.equal(network.get_parameter("pos_embed")!).all().ToBoolean());
    }

    [Fact]
    public void Positions_of_no_square_and_images_of_no_whole_patches_are_refused()
    {
        using var scope = torch.NewDisposeScope();
        Assert.Equal(
            "few.pth has position embeddings of 6 patches, which are no square: they cannot be interpolated to 2 x 2.",
            Assert.Throws<InvalidDataException>(
                () => VitPositions.Resize(torch.zeros(1, 7, 4), (2, 2), "few.pth")).Message);
        Assert.Equal(
            "vit takes images whose sides are multiples of patchSize, 16; the data's are 28 x 28: choose another "
            + "patchSize, or resize the images with the data's \"size\".",
            Assert.Throws<InvalidOperationException>(
                () => new VitOptions().Build(Golden.Info([1, 28, 28], 4))).Message);
    }

    [Fact]
    public void Attentions_are_probabilities_and_wanting_them_changes_no_logits()
    {
        using var scope = torch.NewDisposeScope();
        using var network = Golden.Student(
            """{ "name": "vit", "patchSize": 8, "layers": 2 }""", Golden.Info([1, 16, 24], 4));
        var inputs = new Inputs(("pixel_values", Golden.Noise(1, 2 * 16 * 24).ToTensor(2, 1, 16, 24)));
        var outputs = network.Forward(inputs, Output.Logits | Output.Attentions | Output.TokenEmbeddings);
        Assert.Equal(2, outputs.Attentions.Count);
        Assert.Equal([2, 3, 7, 7], outputs.Attentions[0].shape);
        Assert.Equal([2, 7, 192], outputs.TokenEmbeddings.shape);
        Assert.True(outputs.Attentions[1].sum(-1).allclose(torch.ones(2, 3, 7), 1e-5, 1e-6));
        Assert.True(outputs.Logits.allclose(network.Forward(inputs, Output.Logits).Logits, 1e-4, 1e-5));
    }
}
