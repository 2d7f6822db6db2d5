using System.Numerics.Tensors;
using Retort.Tensors.Native;
using TorchSharp.Modules;

namespace Retort.Tensors;

/// <summary>
/// Scales the gradient of all parameters together down to a maximal Euclidean norm: g ← g · min(1, max / (|g| + 1e-6)),
/// PyTorch's formula (Pascanu et al. 2013, arXiv:1211.5063, algorithm 1).
/// </summary>
static class GradientClipping
{
    const double Epsilon = 1e-6;
    const int Chunk = 8192;                 // elements summed in float; the sums of chunks are added in double

    /// <summary>
    /// Clips by handles, without a wrapper object per gradient. Other types and devices than float32 on the CPU go
    /// through libtorch.
    /// </summary>
    /// <param name="first">The first parameter: it tells type and device of all.</param>
    /// <param name="gradients">Handles of the gradients that exist.</param>
    /// <param name="maxNorm">The largest norm that is left as it is.</param>
    /// <param name="parameters">All trained parameters.</param>
    public static void Clip(
        Parameter first, ReadOnlySpan<nint> gradients, double maxNorm, IEnumerable<Parameter> parameters)
    {
        if (first.dtype != ScalarType.Float32 || first.device_type != DeviceType.CPU)
        {
            ClipPlain(parameters, maxNorm);
            return;
        }

        var sum = 0.0;
        foreach (var gradient in gradients) sum += SumOfSquares(Dispatcher.Data(gradient));
        var norm = Math.Sqrt(sum);
        if (norm <= maxNorm) return;        // false for NaN, which must reach the weights and be seen

        var factor = (float)Math.Min(1, maxNorm / (norm + Epsilon));
        foreach (var gradient in gradients)
        {
            var values = Dispatcher.Data(gradient);
            TensorPrimitives.Multiply(values, factor, values);
        }
    }

    /// <summary>Clips by libtorch's own function.</summary>
    public static void ClipPlain(IEnumerable<Parameter> parameters, double maxNorm) =>
        nn.utils.clip_grad_norm_(parameters, maxNorm);

    static double SumOfSquares(ReadOnlySpan<float> values)
    {
        var sum = 0.0;
        for (; values.Length > Chunk; values = values[Chunk..]) sum += TensorPrimitives.SumOfSquares(values[..Chunk]);
        return sum + TensorPrimitives.SumOfSquares(values);
    }
}
