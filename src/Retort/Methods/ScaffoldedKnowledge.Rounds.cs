using static Retort.Methods.ScaffoldedKnowledgeOptions;

namespace Retort.Methods;

/// <remarks>This file: the guide's steps, which begin each round.</remarks>
public sealed partial class ScaffoldedKnowledge
{
    /// <summary>The guide of a run and its training.</summary>
    internal sealed class GuideRounds : IDisposable
    {
        readonly ScaffoldedKnowledgeOptions _options;
        readonly ProcedureContext _context;
        readonly long _warmUp;
        readonly RoundSteps _rounds;
        readonly Schedule _schedule;
        readonly GuideNetwork? _network;                            // null for a guide that is not trained
        readonly Optimizer? _optimizer;
        readonly Tensor _penalty;                                   // [] λ of the primal-dual updates
        readonly History? _history;

        /// <param name="options">Guide, schedules and rounds.</param>
        /// <param name="context">The run.</param>
        /// <param name="embeddings">The teacher's of all training examples; null for a guide without them.</param>
        /// <param name="warmUp">The student's steps before the first round.</param>
        public GuideRounds(
            ScaffoldedKnowledgeOptions options, ProcedureContext context, Predictions? embeddings, long warmUp)
        {
            (_options, _context, _warmUp) = (options, context, warmUp);
            _rounds = new(context.Steps - warmUp, options.Rounds, options.GuideSteps);
            _schedule = new(options, _rounds.Count);
            _penalty = torch.zeros([]).Add(options.Penalty);
            if (embeddings is null)
            {
                var help = options.FixedHelp!.Value;
                Guide = options.Guide == GuideKind.Constant ? new ConstantGuide(help, context.Device)
                    : new RandomGuide(help, context.Seed, context.Device);
                return;
            }
            RandomStream.SeedTorch(context.Seed, StreamKey.Method);
            _network = ModuleFactory.Create(() => new GuideNetwork(options.Guide, embeddings));
            _network.to(context.Device);
            _network.eval();
            _optimizer = new Adam(_network.ParametersWithNames());
            _history = new(_rounds, (warmUp, context.StepsPerEpoch), embeddings, _network, context.Device);
            Guide = _network;
        }

        /// <summary>g.</summary>
        public IGuide Guide { get; }

        /// <summary>What was measured; null for a guide that is not trained.</summary>
        public History? Measured => _history;

        /// <summary>All that rounds change besides the student.</summary>
        public IEnumerable<KeyValuePair<string, Tensor>> State => _network is null ? [] :
        [
            .. _network.state_dict().Select(one => KeyValuePair.Create($"guide/{one.Key}", one.Value)),
            .. _optimizer!.State.Select(one => KeyValuePair.Create($"guide_optimizer/{one.Key}", one.Value)),
            KeyValuePair.Create("guide_penalty", _penalty),
            KeyValuePair.Create("guide_history", _history!.Values),
        ];

        /// <summary>Trains the guide where a round begins with this step of the student.</summary>
        /// <param name="step">Counted from the end of the warm-up.</param>
        /// <param name="student">The student, which stays as it is.</param>
        public void Begin(long step, Network student)
        {
            if (_network is not null && _rounds.StartedBy(step) is { } round) Train(_network, round, student);
        }

        public void Dispose()
        {
            _optimizer?.Dispose();
            _network?.Dispose();
            _history?.Dispose();
            _penalty.Dispose();
        }

        void Train(GuideNetwork network, int round, Network student)
        {
            var budget = _schedule.Budget(round);
            double penalty = _options.DualRate is null ? _schedule.Penalty(round) : _penalty.ToSingle();
            var (first, count) = _rounds.OfGuide(round);
            var used = 0.0;
            network.train();
            student.eval();
            for (var i = 0; i < count; i++) used += Step(network, student, _warmUp + first + i, (penalty, budget));
            network.eval();
            used /= count;
            _history!.Add(round, used, budget, penalty);
            _penalty.copy_(torch.zeros([]).Add(_schedule.Ascend(penalty, used, budget)));
        }

        // what of the budget the batch uses
        double Step(GuideNetwork network, Network student, long position, (double Penalty, double Budget) limit)
        {
            using var step = torch.NewDisposeScope();
            _optimizer!.ZeroGrad();
            var batch = _context.BatchAt(_context.Training, position);
            var teacher = _context.Teacher!.Forward(batch, Output.Logits | Output.Embedding);
            var help = network.Help(batch.Ids, teacher.Embedding);
            var logits = (teacher.Logits, LogitsOf(student, batch));
            var (loss, used) = GuideLoss(_options, batch.Labels, logits, help, limit);
            loss.backward();
            _optimizer.Step(_options.GuideLearningRate);
            return used.ToSingle();
        }

        static Tensor LogitsOf(Network student, Batch batch)
        {
            using var frozen = torch.no_grad();
            return student.Forward(batch.Inputs, Output.Logits).Logits;
        }
    }
}
