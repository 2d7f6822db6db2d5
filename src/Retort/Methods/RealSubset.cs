using Retort.Contracts.Distilled;

namespace Retort.Methods;

public partial record SoftLabelDatasetOptions
{
    /// <summary>Options of <see cref="SoftLabelDataset.RealSubset"/>, the control of distilled samples.</summary>
    public sealed record RealSubset : ProcedureOptions
    {
        /// <summary>Examples in the batch of a step; unset: as many as classes.</summary>
        [AtLeast(1)] public int? Samples { get; init; }

        /// <summary>Batches of examples.</summary>
        [AtLeast(1)] public int Steps { get; init; } = 1;

        /// <summary>Passes over the batches.</summary>
        [AtLeast(1)] public int Epochs { get; init; } = 3;

        /// <summary>Which training examples are taken.</summary>
        public SelectionKind Selection { get; init; }

        /// <summary>Step sizes; the best on validation is taken.</summary>
        [NotEmpty, Positive] public IReadOnlyList<double> Rates { get; init; } = [0.003, 0.01, 0.03, 0.1, 0.3, 1];

        /// <summary>How first weights are drawn.</summary>
        public FirstWeights FirstWeights { get; init; }

        public override Procedure Build() => new SoftLabelDataset.RealSubset(OptionRules.Check(this));

        /// <summary>Which examples are taken.</summary>
        public enum SelectionKind
        {
            /// <summary>At random.</summary>
            Random,

            /// <summary>Each the farthest from those before, the first at random (greedy k-center).</summary>
            KCenter,
        }
    }
}

public partial class SoftLabelDataset
{
    /// <summary>
    /// A few real examples, learned in as many steps as distilled samples, by the step size that is best on validation.
    /// </summary>
    [Paper("real-subset", "no paper: the control of distilled data", 0)]
    public sealed class RealSubset(SoftLabelDatasetOptions.RealSubset options) : Procedure
    {
        const string Name = "after";

        public override bool TrainsInLoops => true;

        public override MethodOptions Control => options with
        {
            Selection = SoftLabelDatasetOptions.RealSubset.SelectionKind.Random,
        };

        public override void Check(LearningTask task) => task.RequireClassProbabilities("real-subset");

        public override void CheckNetworks(
            LearningTask task, DatasetInfo data, ModelOptions student, ModelOptions? teacher)
        {
            data.OnlyInput("The method \"real-subset\"");
            using var network = ModuleFactory.Create(() => student.Build(data));
            NetworkFunction.Check(network, data.Inputs[0], "real-subset", allowsDropout: true);
        }

        public override ProcedureResult Run(ProcedureContext context)
        {
            using var scope = torch.NewDisposeScope();
            using var network = options.FirstWeights.NewNetwork(context);
            var function = new NetworkFunction(network, context.Data.Info.Inputs[0]);
            var start = function.CopyParameters();                                              // θ₀ [P]
            var theta = start.clone();
            var examples = Examples(context);
            var scores = torch.zeros(options.Rates.Count);
            context.Loop(new()
            {
                Name = "step-sizes",
                Steps = options.Rates.Count,
                State = () => [KeyValuePair.Create("scores", scores)],
                Step = i => Try((int)i),
                TrainsNetwork = false,
            });
            var best = Best(context.Task.Primary, scores.ToFloatArray());
            var samples = WithRate(examples, options.Rates[best]);
            TakeSteps(context, samples, function, theta, "Lower rates of the method usually help.");
            context.SaveNetwork(Name, network);
            return new([new(Name)])
            {
                Figures = new Dictionary<string, double>
                {
                    ["examples"] = samples.Batches * samples.Samples, ["stepSize"] = options.Rates[best],
                },
            };

            // weights that are no longer finite have the worst score
            double Try(int i)
            {
                var end = WithRate(examples, options.Rates[i]).Train(function, start, context.Seed);
                var isFinite = end.isfinite().all().ToBoolean();
                if (isFinite) function.SetParameters(end);
                var score = isFinite ? context.Task.Evaluate(context.Predict(network, context.Data.Validation))
                    [context.Task.Primary.Name] : Worst(context.Task.Primary);
                scores[i].copy_(torch.zeros([]).Add(score));
                return score;
            }
        }

        static double Worst(Score score) => score.HigherIsBetter ? float.MinValue : float.MaxValue;

        static int Best(Score score, float[] scores)
        {
            var best = score.HigherIsBetter ? scores.Max() : scores.Min();
            return Array.FindIndex(scores, one => one.Equals(best));
        }

        DistilledSamples Examples(ProcedureContext context)
        {
            var info = context.Data.Info;
            var samples = options.Samples ?? info.Classes.Count;
            var random = new RandomStream(context.Seed, StreamKey.Method);
            var count = options.Steps * samples;
            var positions = options.Selection == SoftLabelDatasetOptions.RealSubset.SelectionKind.Random
                ? RealExamples.AtRandom(context.Training, count, ref random)
                : RealExamples.KCenter(context.Training, count, ref random);
            var (inputs, labels) = RealExamples.Load(context.Training, positions);
            return new(
                inputs.to(context.Device).reshape([options.Steps, samples, .. info.Inputs[0].Shape]),
                labels.AsSpan().ToTensor(labels.Length).to(context.Device).OneHot(info.Classes.Count)
                    .reshape(options.Steps, samples, info.Classes.Count),
                torch.zeros(options.Steps * options.Epochs, device: context.Device));
        }

        static DistilledSamples WithRate(DistilledSamples samples, double rate) =>
            samples with { Rates = torch.zeros_like(samples.Rates).Add(rate) };
    }
}
