using System.Text.Json;
using Retort.Tests.House;
using static TorchSharp.torch;

namespace Retort.Tests.Tensors;

/// <summary>
/// Golden values of operators, losses and layers, computed in PyTorch by <c>tools/golden/floor.py</c>.
/// </summary>
static class TensorGolden
{
    /// <summary>A tensor as the file has it.</summary>
    public sealed record GoldenTensor(string Type, long[] Shape, double[] Values)
    {
        public Tensor ToTensor(ScalarType floatingType = ScalarType.Float32)
        {
            var type = Type switch { "bool" => ScalarType.Bool, "int64" => ScalarType.Int64, _ => floatingType };
            return torch.tensor(Values, Shape, dtype: ScalarType.Float64).to(type);
        }
    }

    /// <summary>Inputs, outputs, and the gradients of Σ y cos(0.7 k + 0.3) with respect to the inputs.</summary>
    public sealed record Case(
        string Name, Dictionary<string, GoldenTensor> Inputs, Dictionary<string, GoldenTensor> Outputs,
        Dictionary<string, GoldenTensor> Gradients);

    sealed record Content(Case[] Cases, Dictionary<string, Dictionary<string, GoldenTensor>> Drawn);

    static readonly Content s_content = JsonSerializer.Deserialize<Content>(
        File.ReadAllText(Repository.At("tests/Golden/floor.json")), JsonSerializerOptions.Web)!;

    public static IReadOnlyList<Case> Cases => s_content.Cases;

    /// <summary>The first initial weights of new layers after seed 7.</summary>
    public static IReadOnlyDictionary<string, Dictionary<string, GoldenTensor>> InitialWeights => s_content.Drawn;

    /// <summary>cos(0.7 k + 0.3) for the k-th element: a gradient that differs everywhere.</summary>
    public static Tensor Probe(Tensor y) =>
        arange(y.NumberOfElements, ScalarType.Float64).mul(0.7).add(0.3).cos().reshape(y.shape).to(y.dtype);

    /// <summary>Compares within 1e-5 of the largest expected value, plus 1e-6 for values near 0.</summary>
    public static void AssertEqual(string what, GoldenTensor expected, Tensor actual)
    {
        Assert.Equal(expected.Shape, actual.shape);
        var values = actual.detach().to(ScalarType.Float64).contiguous().data<double>().ToArray();
        var largest = expected.Values.DefaultIfEmpty(0).Max(Math.Abs);
        for (var i = 0; i < values.Length; i++)
            Assert.True(
                Math.Abs(values[i] - expected.Values[i]) <= 1e-5 * largest + 1e-6,
                $"{what}[{i}] is {values[i]}; PyTorch has {expected.Values[i]}.");
    }
}
