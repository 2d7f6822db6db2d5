using Retort.Tensors.Native;
using TorchSharp;
using TorchSharp.Modules;
using static System.Numerics.Tensors.TensorPrimitives;
using static TorchSharp.torch;

namespace Retort.Tensors;

/// <summary>Adam's numbers, with PyTorch's defaults.</summary>
/// <param name="Beta1">β₁: how much of the mean gradient stays.</param>
/// <param name="Beta2">β₂: how much of the mean squared gradient stays.</param>
/// <param name="Epsilon">ε: added to the root of the mean square.</param>
/// <param name="WeightDecay">λ.</param>
public sealed record AdamParameters(double Beta1 = 0.9, double Beta2 = 0.999, double Epsilon = 1e-8, double WeightDecay = 0);

/// <summary>
/// Adam (Kingma and Ba, arXiv:1412.6980, algorithm 1), the weight decay added to the gradient; or AdamW (Loshchilov and
/// Hutter, arXiv:1711.05101), where it shrinks the weights by η λ beside the step.
/// </summary>
public sealed class Adam : FusedOptimizer
{
    const int Chunk = 2048;                 // stays in the nearest cache from line to line
    readonly float[] _gradient = new float[Chunk];
    readonly float[] _scratch = new float[Chunk];
    readonly Tensor[] _mean;
    readonly Tensor[] _square;
    readonly Tensor[] _steps;               // one number each, since a parameter may lack a gradient now and then
    readonly AdamParameters _numbers;
    readonly bool _decoupled;

    /// <param name="parameters">Each under the name its state has in a checkpoint.</param>
    /// <param name="numbers">β₁, β₂, ε, λ.</param>
    /// <param name="decoupled">Whether the decay stands beside the step: AdamW.</param>
    /// <param name="path">Null: the fastest that these parameters allow.</param>
    public Adam(IEnumerable<(string Name, Parameter Parameter)> parameters, AdamParameters? numbers = null, bool decoupled = false, OptimizerImplementation? path = null)
        : base(parameters, path)
    {
        (_numbers, _decoupled) = (numbers ?? new(), decoupled);
        _mean = NewSlot("mean", parameter => zeros_like(parameter));
        _square = NewSlot("square", parameter => zeros_like(parameter));
        _steps = NewSlot("step", parameter => zeros([], dtype: ScalarType.Float32, device: parameter.device));
    }

    private protected override void StepNumbers(int position, Span<float> parameter, ReadOnlySpan<float> gradient, double learningRate)
    {
        CountStep(_steps[position]);
        var (first, second) = Corrections(Dispatcher.Numbers(_steps[position].Handle)[0]);
        var means = Dispatcher.Numbers(_mean[position].Handle);
        var squares = Dispatcher.Numbers(_square[position].Handle);
        var (beta1, beta2) = ((float)_numbers.Beta1, (float)_numbers.Beta2);
        for (var at = 0; at < parameter.Length; at += Chunk)
        {
            var length = Math.Min(Chunk, parameter.Length - at);
            var theta = parameter.Slice(at, length);
            var g = _gradient.AsSpan(0, length);
            var x = _scratch.AsSpan(0, length);
            var m = means.Slice(at, length);
            var v = squares.Slice(at, length);
            gradient.Slice(at, length).CopyTo(g);
            if (_decoupled) Multiply(theta, (float)(1 - learningRate * _numbers.WeightDecay), theta);
            else if (_numbers.WeightDecay != 0) FusedMultiplyAdd(theta, (float)_numbers.WeightDecay, g, g);
            Multiply(m, beta1, m);
            FusedMultiplyAdd(g, (float)(1 - _numbers.Beta1), m, m);                 // β₁ m + (1 − β₁) g
            Multiply(v, beta2, v);
            Multiply(g, g, x);
            FusedMultiplyAdd(x, (float)(1 - _numbers.Beta2), v, v);                 // β₂ v + (1 − β₂) g²
            Sqrt(v, x);
            Divide(x, (float)Math.Sqrt(second), x);
            Add(x, (float)_numbers.Epsilon, x);                                     // √v̂ + ε
            Divide(m, x, x);
            FusedMultiplyAdd(x, (float)(-learningRate / first), theta, theta);
        }
    }

    private protected override void StepFused(double learningRate)
    {
        foreach (var position in Active) CountStep(_steps[position]);
        var (parameters, mean, square, steps) = (ParameterList(), SlotList(_mean), SlotList(_square), SlotList(_steps));
        Dispatcher.Call(_decoupled ? "aten::_fused_adamw_"u8 : "aten::_fused_adam_"u8, ""u8,
            parameters, GradientList(), mean, square, Dispatcher.Shared([]), steps,
            Dispatcher.Bits(learningRate), Dispatcher.Bits(_numbers.Beta1), Dispatcher.Bits(_numbers.Beta2),
            Dispatcher.Bits(_numbers.WeightDecay), Dispatcher.Bits(_numbers.Epsilon),
            0, 0,                                                                                       // amsgrad, maximize
            0, 0);                                                                                      // grad_scale, found_inf
    }

    private protected override void StepPlainly(int position, Parameter parameter, Tensor gradient, double learningRate)
    {
        var (mean, square) = (_mean[position], _square[position]);
        CountStep(_steps[position]);
        var (first, second) = Corrections(_steps[position].ToSingle());
        if (_decoupled) parameter.Scale(1 - learningRate * _numbers.WeightDecay);
        var g = _decoupled || _numbers.WeightDecay == 0 ? gradient : gradient.Plus(parameter, _numbers.WeightDecay);
        mean.Scale(_numbers.Beta1).Increase(g, 1 - _numbers.Beta1);
        square.Scale(_numbers.Beta2).IncreaseByProduct(g, g, 1 - _numbers.Beta2);
        var root = square.sqrt().Over(Math.Sqrt(second)).Increase(_numbers.Epsilon);
        parameter.IncreaseByQuotient(mean, root, -learningRate / first);
    }

    /// <summary>1 − β₁ᵗ and 1 − β₂ᵗ: what the means lack for having begun at 0.</summary>
    (double First, double Second) Corrections(double t) => (1 - Math.Pow(_numbers.Beta1, t), 1 - Math.Pow(_numbers.Beta2, t));

    /// <summary>t ← t + 1, where the number lies.</summary>
    static void CountStep(Tensor step)
    {
        if (Dispatcher.IsAvailable && step.device_type == DeviceType.CPU) Dispatcher.Numbers(step.Handle)[0]++;
        else step.Increase(1);
    }
}
