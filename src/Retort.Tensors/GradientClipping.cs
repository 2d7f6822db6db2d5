using System.Numerics.Tensors;
using Retort.Tensors.Native;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Retort.Tensors;

/// <summary>
/// Shortens a gradient, all parameters together, to a longest Euclidean norm: g ← g · min(1, clip / (|g| + 1e-6)),
/// PyTorch's formula (Pascanu et al. 2013, arXiv:1211.5063, algorithm 1).
/// </summary>
static class GradientClipping
{
    const double Epsilon = 1e-6;
    const int Chunk = 8192;                 // summed in float, the chunks in double

    /// <summary>By handles, without a wrapper a gradient; other types and devices than float32 on the CPU go through libtorch.</summary>
    public static void Shorten(Parameter first, ReadOnlySpan<nint> gradients, double clip, IEnumerable<Parameter> parameters)
    {
        if (first.dtype != ScalarType.Float32 || first.device_type != DeviceType.CPU)
        {
            ShortenPlainly(parameters, clip);
            return;
        }
        var sum = 0.0;
        foreach (var gradient in gradients) sum += SumOfSquares(Dispatcher.Numbers(gradient));
        var norm = Math.Sqrt(sum);
        if (norm <= clip) return;           // not so for NaN: it must not pass unseen
        var factor = (float)Math.Min(1, clip / (norm + Epsilon));
        foreach (var gradient in gradients)
        {
            var numbers = Dispatcher.Numbers(gradient);
            TensorPrimitives.Multiply(numbers, factor, numbers);
        }
    }

    /// <summary>The same by libtorch's own function.</summary>
    public static void ShortenPlainly(IEnumerable<Parameter> parameters, double clip) => nn.utils.clip_grad_norm_(parameters, clip);

    static double SumOfSquares(ReadOnlySpan<float> numbers)
    {
        var sum = 0.0;
        for (; numbers.Length > Chunk; numbers = numbers[Chunk..]) sum += TensorPrimitives.SumOfSquares(numbers[..Chunk]);
        return sum + TensorPrimitives.SumOfSquares(numbers);
    }
}
