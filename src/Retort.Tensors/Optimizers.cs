using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Retort.Tensors;

/// <summary>Moves parameters along their gradients; its state is named after the parameters it belongs to.</summary>
public abstract class Optimizer : IDisposable
{
    /// <summary>What a checkpoint must hold; loaded in place.</summary>
    public abstract IReadOnlyDictionary<string, Tensor> State { get; }

    /// <summary>Forgets the gradients.</summary>
    public abstract void Clear();

    /// <summary>One step; a gradient longer than <paramref name="clip"/> is shortened to it first (0: any length).</summary>
    public abstract void Step(double learningRate, double clip = 0);

    public abstract void Dispose();
}

/// <summary>Stochastic gradient descent with momentum.</summary>
public sealed class Sgd : Optimizer
{
    readonly List<(string Name, Parameter Parameter, Tensor Momentum)> _parts = [];
    readonly double _momentum;
    readonly bool _nesterov;
    readonly double _decay;

    public Sgd(IEnumerable<(string Name, Parameter Parameter)> parameters, double momentum, bool nesterov = false, double weightDecay = 0)
    {
        (_momentum, _nesterov, _decay) = (momentum, nesterov, weightDecay);
        foreach (var (name, parameter) in parameters)
            _parts.Add((name, parameter, zeros_like(parameter).requires_grad_(false).DetachFromDisposeScope()));
    }

    public override IReadOnlyDictionary<string, Tensor> State => _parts.ToDictionary(part => part.Name + ".momentum", part => part.Momentum);

    public override void Clear()
    {
        foreach (var (_, parameter, _) in _parts) parameter.grad = null;
    }

    public override void Step(double learningRate, double clip = 0)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        if (clip > 0) nn.utils.clip_grad_norm_([.. _parts.Select(part => part.Parameter)], clip);
        foreach (var (_, parameter, momentum) in _parts)
        {
            if (parameter.grad is not { } gradient) continue;
            var g = _decay == 0 ? gradient : gradient.add(parameter, alpha: _decay);
            momentum.mul_(_momentum).add_(g);
            parameter.add_(_nesterov ? g.add(momentum, alpha: _momentum) : momentum, alpha: -learningRate);
        }
    }

    public override void Dispose()
    {
        foreach (var part in _parts) part.Momentum.Dispose();
    }
}
