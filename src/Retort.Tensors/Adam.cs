using Retort.Tensors.Native;
using TorchSharp.Modules;
using static System.Numerics.Tensors.TensorPrimitives;

namespace Retort.Tensors;

/// <summary>
/// Adam (Kingma and Ba, arXiv:1412.6980, algorithm 1), with weight decay added to the gradient, or AdamW (Loshchilov
/// and Hutter, arXiv:1711.05101), which multiplies the weights by 1 − η λ before each step.
/// </summary>
public sealed class Adam : FusedOptimizer
{
    const int Chunk = 2048;                                                 // 8 kB: stays in the L1 cache

    readonly float[] _gradient = new float[Chunk];
    readonly float[] _scratch = new float[Chunk];
    readonly Tensor[] _mean;
    readonly Tensor[] _square;
    readonly Tensor[] _steps;                                               // each parameter counts its own
    readonly AdamParameters _settings;
    readonly bool _decoupled;

    /// <param name="parameters">Each under the name that its state has in a checkpoint.</param>
    /// <param name="settings">β₁, β₂, ε, λ; PyTorch's defaults if null.</param>
    /// <param name="decoupled">
    /// True for AdamW: weight decay is applied to the weights, not added to the gradient.
    /// </param>
    /// <param name="implementation">Null chooses the fastest for these parameters.</param>
    public Adam(
        IEnumerable<(string Name, Parameter Parameter)> parameters, AdamParameters? settings = null,
        bool decoupled = false, OptimizerImplementation? implementation = null)
        : base(parameters, implementation)
    {
        _settings = settings ?? new();
        _decoupled = decoupled;
        _mean = NewSlot("mean", parameter => zeros_like(parameter));
        _square = NewSlot("square", parameter => zeros_like(parameter));
        _steps = NewSlot("step", parameter => zeros([], dtype: ScalarType.Float32, device: parameter.device));
    }

    private protected override void StepLoop(
        int position, Span<float> parameter, ReadOnlySpan<float> gradient, double learningRate)
    {
        CountStep(_steps[position]);
        var (correction1, correction2) = BiasCorrections(Dispatcher.Data(_steps[position].Handle)[0]);
        var means = Dispatcher.Data(_mean[position].Handle);
        var squares = Dispatcher.Data(_square[position].Handle);
        var (beta1, beta2) = ((float)_settings.Beta1, (float)_settings.Beta2);

        for (var start = 0; start < parameter.Length; start += Chunk)
        {
            var length = Math.Min(Chunk, parameter.Length - start);
            var theta = parameter.Slice(start, length);
            var g = _gradient.AsSpan(0, length);
            var x = _scratch.AsSpan(0, length);
            var m = means.Slice(start, length);
            var v = squares.Slice(start, length);

            gradient.Slice(start, length).CopyTo(g);
            if (_decoupled) Multiply(theta, (float)(1 - learningRate * _settings.WeightDecay), theta);
            else if (_settings.WeightDecay != 0) FusedMultiplyAdd(theta, (float)_settings.WeightDecay, g, g);

            Multiply(m, beta1, m);
            FusedMultiplyAdd(g, (float)(1 - _settings.Beta1), m, m);        // β₁ m + (1 − β₁) g
            Multiply(v, beta2, v);
            Multiply(g, g, x);
            FusedMultiplyAdd(x, (float)(1 - _settings.Beta2), v, v);        // β₂ v + (1 − β₂) g²

            Sqrt(v, x);
            Divide(x, (float)Math.Sqrt(correction2), x);
            Add(x, (float)_settings.Epsilon, x);                            // √v̂ + ε
            Divide(m, x, x);
            FusedMultiplyAdd(x, (float)(-learningRate / correction1), theta, theta);
        }
    }

    private protected override void StepFused(double learningRate)
    {
        foreach (var position in Active) CountStep(_steps[position]);

        var parameters = ParameterList();
        var mean = SlotList(_mean);
        var square = SlotList(_square);
        var steps = SlotList(_steps);
        Dispatcher.Call(_decoupled ? "aten::_fused_adamw_"u8 : "aten::_fused_adam_"u8, ""u8,
            parameters, GradientList(), mean, square, Dispatcher.ListOfShared([]), steps,
            Dispatcher.Bits(learningRate), Dispatcher.Bits(_settings.Beta1), Dispatcher.Bits(_settings.Beta2),
            Dispatcher.Bits(_settings.WeightDecay), Dispatcher.Bits(_settings.Epsilon),
            0, 0,                                                           // amsgrad, maximize
            0, 0);                                                          // grad_scale, found_inf
    }

    private protected override void StepPlain(int position, Parameter parameter, Tensor gradient, double learningRate)
    {
        var mean = _mean[position];
        var square = _square[position];
        CountStep(_steps[position]);
        var (correction1, correction2) = BiasCorrections(_steps[position].ToSingle());

        if (_decoupled) parameter.Scale(1 - learningRate * _settings.WeightDecay);
        var g = _decoupled || _settings.WeightDecay == 0 ? gradient : gradient.Plus(parameter, _settings.WeightDecay);
        mean.Scale(_settings.Beta1).Increase(g, 1 - _settings.Beta1);
        square.Scale(_settings.Beta2).IncreaseByProduct(g, g, 1 - _settings.Beta2);
        var root = square.sqrt().Over(Math.Sqrt(correction2)).Increase(_settings.Epsilon);
        parameter.IncreaseByQuotient(mean, root, -learningRate / correction1);
    }

    /// <summary>1 − β₁ᵗ and 1 − β₂ᵗ, which correct the running means for starting at 0.</summary>
    (double First, double Second) BiasCorrections(double t) =>
        (1 - Math.Pow(_settings.Beta1, t), 1 - Math.Pow(_settings.Beta2, t));

    /// <summary>t ← t + 1, in place.</summary>
    static void CountStep(Tensor step)
    {
        if (Dispatcher.IsAvailable && step.device_type == DeviceType.CPU) Dispatcher.Data(step.Handle)[0]++;
        else step.Increase(1);
    }
}
