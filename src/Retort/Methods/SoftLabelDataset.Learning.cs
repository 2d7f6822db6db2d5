using Retort.Contracts.Distilled;
using static Retort.Methods.SoftLabelDatasetOptions;
using Parameter = TorchSharp.Modules.Parameter;

namespace Retort.Methods;

/// <remarks>This file: what is learned, and a meta-step.</remarks>
public partial class SoftLabelDataset
{
    /// <summary>The samples while they are learned.</summary>
    sealed class Learning : IDisposable
    {
        const int Points = 40;                                              // of the curve

        readonly SoftLabelDatasetOptions _options;
        readonly ProcedureContext _context;
        readonly NetworkFunction _function;
        readonly InnerLoss _inner;
        readonly Parameter _inputs;                                         // x̃ [S, M, ..]
        readonly Parameter _labels;                                         // raw ỹ [S, M, C]
        readonly Parameter _rates;                                          // ρ [T]; η = softplus(ρ)
        readonly Tensor _known;                                             // θ₀ [P]
        readonly Tensor _losses;                                            // [Points, 2] sum and count
        readonly Adam _optimizer;
        long _draw;                                                         // of first weights, in the whole learning

        /// <param name="options">Sizes, labels, rates.</param>
        /// <param name="context">The run.</param>
        /// <param name="function">The network.</param>
        /// <param name="known">θ₀ of a known start.</param>
        public Learning(
            SoftLabelDatasetOptions options, ProcedureContext context, NetworkFunction function, Tensor known)
        {
            (_options, _context, _function, _known) = (options, context, function, known);
            var isLearned = options.Labels != DistilledLabels.Static;
            _inner = new(Loss, options.LearnInputs, isLearned);
            var first = First(options, context);
            _inputs = Owned(first.Inputs, options.LearnInputs);
            _labels = Owned(first.Labels, isLearned);
            _rates = Owned(first.Rates, isLearned: true);
            _losses = torch.zeros(Points, 2).DetachFromDisposeScope();
            _optimizer = new(
                [("inputs", _inputs), ("labels", _labels), ("rates", _rates)], new AdamParameters(Beta1: 0.5));
        }

        public IEnumerable<KeyValuePair<string, Tensor>> State =>
        [
            new("inputs", _inputs), new("labels", _labels), new("rates", _rates), new("losses", _losses),
            .. _optimizer.State.Select(one => KeyValuePair.Create($"optimizer/{one.Key}", one.Value)),
        ];

        /// <summary>The samples as they are now. The dispose scope owns the tensors.</summary>
        public DistilledSamples Samples => new(
            _inputs.detach().clone(), Targets(_labels.detach()).clone(), _rates.detach().Softplus());

        /// <summary>The mean loss over the time of learning.</summary>
        public Curve Losses()
        {
            var values = _losses.ToDoubleArray();
            var points = Math.Min(Points, _options.MetaSteps);
            var epochs = Enumerable.Range(1, points)
                .Select(i => (double)i * _options.MetaSteps / points / _context.StepsPerEpoch);
            return new("Loss on real examples after the steps", [.. epochs],
                [.. Enumerable.Range(0, points).Select(i => values[2 * i] / Math.Max(values[2 * i + 1], 1))]);
        }

        /// <summary>One meta-step: the gradient on one batch of real examples, and a step of Adam.</summary>
        public double Step(long step)
        {
            var batch = _context.BatchAt(_context.Training, step);
            var real = batch.Inputs.Parts[0].Value;
            var at = new Variables(_inputs.detach(), _labels.detach(), _rates.detach().Softplus());
            _optimizer.ZeroGrad();
            var loss = 0.0;
            for (var n = 0; n < _options.Networks; n++)
            {
                _draw = step * _options.Networks + n;
                var start = _options.Start == StartKind.Known ? _known : Drawn(Invariant($"start-{_draw}"));
                var gradient = _options.Gradient == GradientKind.Reverse
                    ? Reverse(_inner, at, start, Outer) : Unrolled(_inner, at, start, Outer);
                Add(gradient.Of);
                loss += gradient.Loss / _options.Networks;
            }
            _optimizer.Step(_options.RateAt(step));
            var point = step * Math.Min(Points, _options.MetaSteps) / _options.MetaSteps;
            _losses[point].AddInPlace(((ReadOnlySpan<float>)[(float)loss, 1]).ToTensor(2));
            return loss;

            Tensor Outer(Tensor theta) => batch.CrossEntropy(_function.Logits(real, theta, training: false));
        }

        public void Dispose()
        {
            _optimizer.Dispose();
            foreach (var tensor in (Tensor[])[_inputs, _labels, _rates, _losses]) tensor.Dispose();
        }

        // dropout has the same mask when a step is computed again
        Tensor Loss(Tensor x, Tensor y, Tensor theta, int t)
        {
            RandomStream.SeedTorch(_context.Seed, StreamKey.Method, _draw * _rates.size(0) + t);
            return DistilledSamples.Loss(_function.Logits(x, theta, training: true), Targets(y));
        }

        Tensor Targets(Tensor labels) =>
            _options.Labels == DistilledLabels.Softmax ? labels.Softmax() : labels;

        Tensor Drawn(string name)
        {
            using var network = _options.FirstWeights.NewNetwork(_context, name);
            return new NetworkFunction(network, _context.Data.Info.Inputs[0]).CopyParameters();
        }

        // dη/dρ = σ(ρ)
        void Add(Variables gradient)
        {
            var share = 1.0 / _options.Networks;
            Accumulate(_inputs, gradient.Inputs.Times(share));
            Accumulate(_labels, gradient.Labels.Times(share));
            Accumulate(_rates, gradient.Rates.Times(_rates.detach().Sigmoid()).Times(share));
        }

        static void Accumulate(Parameter parameter, Tensor gradient)
        {
            if (!parameter.requires_grad) return;

            using var before = parameter.grad;
            parameter.grad = before is null ? gradient : before.Add(gradient);
        }

        static Parameter Owned(Tensor value, bool isLearned)
        {
            var parameter = new Parameter(value.clone(), isLearned);
            parameter.DetachFromDisposeScope();
            return parameter;
        }
    }
}
