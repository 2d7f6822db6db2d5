using System.Security.Cryptography;
using System.Text;

namespace Retort.Tests.Models;

/// <summary>The families of torchvision against its 1,000-class networks.</summary>
public sealed class TorchvisionTests
{
    // sha256 of "name size size …" of each parameter, then of each buffer of torchvision 0.14.1, in its order, joined
    // by line feeds; TorchSharp's state_dict has the buffers last too
    [Theory]
    [InlineData("""{ "name": "torchvision-resnet", "depth": 18 }""", 11_689_512,
        "daf5f518aea801ab5f9fbb14f4d4b79006a480415ffb7203c0ef64935bc0f300")]
    [InlineData("""{ "name": "torchvision-resnet", "depth": 34 }""", 21_797_672,
        "348bc5fdde7542ee973057dfc2e75416f0548d92dfa44d2d91072c523addfd9f")]
    [InlineData("""{ "name": "torchvision-resnet", "depth": 50 }""", 25_557_032,
        "0d1c3f1de347d4ec8e89337b6f736cec984d23a7f059e514ebb631ad40957f27")]
    [InlineData("""{ "name": "torchvision-resnet", "depth": 101 }""", 44_549_160,
        "cd358466d46a595e9a037c771bb8006562908b9179af4eafe2a8d09ab7c75d0b")]
    [InlineData("""{ "name": "torchvision-resnet", "depth": 152 }""", 60_192_808,
        "909e80e5addf08fd63e0bee653de1a2f947344df6d82623985b77b29cdafce6e")]
    [InlineData("""{ "name": "torchvision-mobilenet-v2" }""", 3_504_872,
        "cc2302f0a55a64372eab528ebbbeaf875490efbb8c4ac1475d18ca1126f37abd")]
    [InlineData("""{ "name": "torchvision-mobilenet-v3", "size": "small" }""", 2_542_856,
        "9ec92a39beab0a596e1a9f3cf488ad1821330ec027b056acda897cde5f070ff7")]
    [InlineData("""{ "name": "torchvision-mobilenet-v3", "size": "large" }""", 5_483_032,
        "ec05a6eab65637e963fe74c5eaa3aa0ec747e3acae9c58a0a7b330797670e422")]
    public void Its_parameters_and_buffers_are_those_of_torchvision(string json, long parameters, string hash)
    {
        using var network = Golden.Student(json, Golden.Info([3, 224, 224], 1000));
        Assert.Equal(parameters, network.parameters().Sum(parameter => parameter.numel()));
        var lines = network.state_dict().Select(pair => string.Join(' ', [pair.Key, .. pair.Value.shape]));
        var found = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines)));
        Assert.Equal(hash, Convert.ToHexStringLower(found));
    }

    // billions of multiply-adds at 224 x 224, as torchvision's page of models states them
    [Theory]
    [InlineData("""{ "name": "torchvision-resnet", "depth": 18 }""", 1.814)]
    [InlineData("""{ "name": "torchvision-resnet", "depth": 50 }""", 4.089)]
    [InlineData("""{ "name": "torchvision-mobilenet-v2" }""", 0.301)]
    [InlineData("""{ "name": "torchvision-mobilenet-v3", "size": "small" }""", 0.057)]
    [InlineData("""{ "name": "torchvision-mobilenet-v3", "size": "large" }""", 0.217)]
    public void It_has_the_published_multiply_adds(string json, double billions)
    {
        using var scope = torch.NewDisposeScope();
        using var network = Golden.Student(json, Golden.Info([3, 224, 224], 1000));
        var pixels = torch.zeros(1, 3, 224, 224);
        var cost = Cost.Of(
            network, [pixels], () => [network.Forward(new(("pixel_values", pixels)), Output.Logits).Logits]);
        Assert.Equal(billions, Math.Round(cost.MultiplyAdds / 1e9, 3), tolerance: 0.0011);
    }
}
