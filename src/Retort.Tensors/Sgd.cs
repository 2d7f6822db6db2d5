using Retort.Tensors.Native;
using TorchSharp.Modules;
using static System.Numerics.Tensors.TensorPrimitives;

namespace Retort.Tensors;

/// <summary>
/// Stochastic gradient descent: g ← g + λ θ, m ← μ m + g, θ ← θ − η m, or θ ← θ − η (g + μ m) with Nesterov momentum
/// (Sutskever et al. 2013, in PyTorch's form).
/// </summary>
public sealed class Sgd : FusedOptimizer
{
    const int Chunk = 2048;                                                 // 8 kB: stays in the L1 cache

    readonly float[] _scratch = new float[Chunk];
    readonly Tensor[] _velocity = [];
    readonly double _momentum;
    readonly bool _nesterov;
    readonly double _weightDecay;

    /// <param name="parameters">Each under the name that its state has in a checkpoint.</param>
    /// <param name="momentum">μ; 0 for none.</param>
    /// <param name="nesterov">Whether to use Nesterov momentum, which needs μ > 0.</param>
    /// <param name="weightDecay">λ.</param>
    /// <param name="implementation">Null chooses the fastest for these parameters.</param>
    public Sgd(
        IEnumerable<(string Name, Parameter Parameter)> parameters, double momentum, bool nesterov = false,
        double weightDecay = 0, OptimizerImplementation? implementation = null)
        : base(parameters, implementation)
    {
        if (nesterov && momentum == 0)
            throw new ArgumentException("Nesterov's step needs a momentum greater than 0.", nameof(nesterov));

        _momentum = momentum;
        _nesterov = nesterov;
        _weightDecay = weightDecay;
        if (momentum != 0) _velocity = NewSlot("momentum", parameter => zeros_like(parameter));
    }

    private protected override void StepLoop(
        int position, Span<float> parameter, ReadOnlySpan<float> gradient, double learningRate)
    {
        var (mu, eta, lambda) = ((float)_momentum, (float)learningRate, (float)_weightDecay);
        var velocity = _momentum == 0 ? [] : Dispatcher.Data(_velocity[position].Handle);

        for (var start = 0; start < parameter.Length; start += Chunk)
        {
            var length = Math.Min(Chunk, parameter.Length - start);
            var theta = parameter.Slice(start, length);
            var g = _scratch.AsSpan(0, length);
            FusedMultiplyAdd(theta, lambda, gradient.Slice(start, length), g);      // g + λ θ
            if (_momentum != 0)
            {
                var m = velocity.Slice(start, length);
                Multiply(m, mu, m);
                Add(m, g, m);                                                       // μ m + g
                if (_nesterov) FusedMultiplyAdd(m, mu, g, g);                       // g + μ m
                else m.CopyTo(g);
            }
            FusedMultiplyAdd(g, -eta, theta, theta);
        }
    }

    private protected override void StepFused(double learningRate)
    {
        var parameters = ParameterList();
        var velocity = _momentum == 0 ? Dispatcher.ListOfShared([]) : SlotList(_velocity);
        Dispatcher.Call("aten::_fused_sgd_"u8, ""u8,
            parameters, GradientList(), velocity,
            Dispatcher.Bits(_weightDecay), Dispatcher.Bits(_momentum), Dispatcher.Bits(learningRate),
            Dispatcher.Bits(0),                                             // dampening
            _nesterov ? 1u : 0u, 0, 0,                                      // nesterov, maximize, is_first_step
            0, 0);                                                          // grad_scale, found_inf
    }

    private protected override void StepPlain(int position, Parameter parameter, Tensor gradient, double learningRate)
    {
        var g = _weightDecay == 0 ? gradient : gradient.Plus(parameter, _weightDecay);
        if (_momentum == 0)
        {
            parameter.Increase(g, -learningRate);
            return;
        }

        var velocity = _velocity[position];
        velocity.Scale(_momentum).Increase(g, 1);
        parameter.Increase(_nesterov ? g.Plus(velocity, _momentum) : velocity, -learningRate);
    }
}
