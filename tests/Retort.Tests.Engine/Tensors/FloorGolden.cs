using System.Text.Json;
using Retort.Runs;
using Retort.Tests.House;
using static TorchSharp.torch;

namespace Retort.Tests.Tensors;

/// <summary>The numbers of <c>tools/golden/floor.py</c>, as tensors.</summary>
static class FloorGolden
{
    /// <summary>A tensor as the file has it.</summary>
    public sealed record Numbers(string Type, long[] Shape, double[] Values)
    {
        public Tensor Tensor(ScalarType floating = ScalarType.Float32) => torch.tensor(Values, Shape, dtype: ScalarType.Float64).to(
            Type switch { "bool" => ScalarType.Bool, "int64" => ScalarType.Int64, _ => floating });
    }

    /// <summary>What goes in, what comes out, and the gradient of Σ y cos(0.7 k + 0.3).</summary>
    public sealed record Case(string Name, Dictionary<string, Numbers> Inputs, Dictionary<string, Numbers> Outputs, Dictionary<string, Numbers> Gradients);

    sealed record Whole(Case[] Cases, Dictionary<string, Dictionary<string, Numbers>> Drawn);

    static readonly Whole File = Read();

    public static IReadOnlyList<Case> Cases => File.Cases;

    /// <summary>The first numbers of fresh layers after seed 7.</summary>
    public static IReadOnlyDictionary<string, Dictionary<string, Numbers>> Drawn => File.Drawn;

    /// <summary>cos(0.7 k + 0.3) for the k-th number: a gradient that differs everywhere.</summary>
    public static Tensor Probe(Tensor y) =>
        arange(y.NumberOfElements, ScalarType.Float64).mul(0.7).add(0.3).cos().reshape(y.shape).to(y.dtype);

    /// <summary>Within 1e-5 of the largest number expected (and 1e-6, where all are near 0).</summary>
    public static void Same(string what, Numbers expected, Tensor actual)
    {
        Assert.Equal(expected.Shape, actual.shape);
        var numbers = actual.detach().to(ScalarType.Float64).contiguous().data<double>().ToArray();
        var largest = expected.Values.DefaultIfEmpty(0).Max(Math.Abs);
        for (var i = 0; i < numbers.Length; i++)
            Assert.True(Math.Abs(numbers[i] - expected.Values[i]) <= 1e-5 * largest + 1e-6,
                $"{what}[{i}] is {numbers[i]}; PyTorch has {expected.Values[i]}.");
    }

    static Whole Read() => JsonSerializer.Deserialize<Whole>(
        System.IO.File.ReadAllText(Repository.At("tests/Golden/floor.json")), JsonSerializerOptions.Web)!;
}
