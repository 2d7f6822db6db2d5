using Retort.Contracts.Learners;
using static Retort.Methods.DualPolicyOptions;

namespace Retort.Methods;

/// <remarks>This file: the distillation steps and what is measured in them.</remarks>
public sealed partial class DualPolicy
{
    /// <summary>The distillation of both learners: after an update it takes a step where one is due.</summary>
    internal sealed class Distillation : IDisposable
    {
        const int Measured = 4;                                             // distance, positive, sample size, clipped
        const int Count = Measured;                                         // of the steps since an evaluation
        const int FirstOfUpdates = Measured + 1;
        const int FirstOfSteps = FirstOfUpdates + 2;

        const string OfCritic = "Share of states where the own critic prefers the peer's action";

        static readonly string[] s_names =
        [
            "Mean action distance of the two learners", "Share of states where the peer's value is higher",
            "Effective sample size of the weights", "Share of clipped weights",
        ];

        static readonly string[] s_keys = ["actionDistance", "positiveGap", "effectiveSampleSize", "clippedWeights"];

        readonly DualPolicyOptions _options;
        readonly ProcedureContext _context;
        readonly LearnerGroup _group;
        readonly List<Optimizer> _optimizers;
        readonly HostNumbers _sums = new(FirstOfSteps + 2);
        readonly HostNumbers _history;                                      // [M × P]

        public Distillation(DualPolicyOptions options, ProcedureContext context, LearnerGroup group)
        {
            (_options, _context, _group) = (options, context, group);
            _optimizers = [.. group.Learners.Select(Optimizer (learner) => new Adam(Trained(learner.Policy)))];
            _history = new(Measured * group.Points);
            foreach (var (i, learner) in group.Learners.Index()) learner.AfterUpdate = () => OnUpdate(i);
            group.Evaluated = Measure;
        }

        /// <summary>The tensors of a checkpoint.</summary>
        public IEnumerable<KeyValuePair<string, Tensor>> State => _optimizers
            .SelectMany((optimizer, i) => optimizer.State.Select(
                pair => KeyValuePair.Create(Invariant($"distillation.{i}.{pair.Key}"), pair.Value)))
            .Concat([new("distillation.sums", _sums.Tensor), new("distillation.history", _history.Tensor)]);

        /// <summary>What was measured over time; of independent learners their distance alone.</summary>
        public IEnumerable<Curve> Curves() => s_names.Take(_options.Weighting == WeightKind.None ? 1 : Measured)
            .Select((name, row) => _group.CurveOf(
                row == 1 && _options.Weighting == WeightKind.LocalAdvantage ? OfCritic : name, Row(row)));

        /// <summary>The means over all evaluations, by name.</summary>
        public IEnumerable<KeyValuePair<string, double>> Figures() => s_keys
            .Take(_options.Weighting == WeightKind.None ? 1 : Measured)
            .Select((key, row) => KeyValuePair.Create(key, Row(row).Average()));

        public void Dispose()
        {
            foreach (var optimizer in _optimizers) optimizer.Dispose();
            _sums.Dispose();
            _history.Dispose();
        }

        // the deviation of a stochastic policy is not imitated
        static IReadOnlyList<(string, TorchSharp.Modules.Parameter)> Trained(PolicyNetwork policy) =>
            [.. policy.ParametersWithNames().Where(one => !ReferenceEquals(one.Parameter, policy.LogDeviation))];

        void OnUpdate(int index)
        {
            var updates = ++_sums.Values[FirstOfUpdates + index];
            var peer = _group.Learners[1 - index];
            if (_options.Weighting == WeightKind.None || updates % _options.IntervalOf != 0 || !peer.HasObservations)
                return;

            for (var i = 0; i < _options.DistillationSteps; i++) Step(index, peer);
        }

        void Step(int index, Learner peer)
        {
            using var scope = torch.NewDisposeScope();
            var me = _group.Learners[index];
            var random = new RandomStream(
                _context.Seed, StreamKey.Method, (long)_sums.Values[FirstOfSteps + index]++, index);
            var s = peer.DrawObservations(_options.BatchOf, ref random);                            // [B, D]
            var (peerAction, w) = WeightsFor(me, peer, s);
            _optimizers[index].ZeroGrad();
            Objective(w, Distance(me.Policy.Actions.IsContinuous, me.Act(s), peerAction)).backward();
            _optimizers[index].Step(_options.RateOf);
        }

        // neither values nor the peer's action get a gradient
        (Tensor Action, Tensor Weights) WeightsFor(Learner me, Learner peer, Tensor s)
        {
            using var frozen = torch.no_grad();
            var peerAction = peer.Act(s);                                                           // [B, A]
            var gap = GapOf(_options, me, peer, s, peerAction);                                     // [B]
            var w = Weights(_options, gap);                                                         // [B]
            var raw = RawWeights(_options, gap).ToFloatArray();
            var sums = _sums.Values;
            sums[1] += gap.ToFloatArray().Average(one => one > 0 ? 1.0 : 0);
            var squares = w.Squared().sum().ToSingle();
            sums[2] += squares > 0 ? 1 / squares : 0;
            var isSoft = _options.Weighting is WeightKind.Exp or WeightKind.Inverted;
            sums[3] += isSoft ? raw.Average(one => one < _options.MinWeight || one > _options.MaxWeight ? 1.0 : 0) : 0;
            sums[Count]++;
            return (peerAction, w);
        }

        // at each evaluation: the distance on states of both, and the means of the steps since the one before
        void Measure(int point)
        {
            using var scope = torch.NewDisposeScope();
            using var frozen = torch.no_grad();
            var random = new RandomStream(_context.Seed, StreamKey.Evaluation, point);
            var (one, other) = (_group.Learners[0], _group.Learners[1]);
            var s = one.DrawObservations(_options.BatchOf, ref random)
                .Concat(0, other.DrawObservations(_options.BatchOf, ref random));                   // [2 B, D]
            var history = _history.Values;
            var sums = _sums.Values;
            history[point] = Actions(one, s).Subtract(Actions(other, s)).abs().mean().ToSingle();
            for (var row = 1; row < Measured; row++)
                history[row * _group.Points + point] = sums[Count] > 0 ? sums[row] / sums[Count] : 0;
            sums[..(Count + 1)].Clear();
        }

        // of discrete actions their probabilities
        static Tensor Actions(Learner learner, Tensor s) =>
            learner.Policy.Actions.IsContinuous ? learner.Act(s) : learner.Act(s).Softmax();

        double[] Row(int row) => _history.Values.Slice(row * _group.Points, _group.Points).ToArray();
    }
}
