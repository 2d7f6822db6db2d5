namespace Retort.Methods;

/// <remarks>This file: what is measured in each round.</remarks>
public sealed partial class ScaffoldedKnowledge
{
    const double Censored = 0.5;
    const int ShownExamples = 24;

    /// <summary>Help, budget and penalty of each round, and the examples with the most help.</summary>
    internal sealed class History : IDisposable
    {
        const int Rows = 4096;                                      // of the teacher's embeddings at a time

        static readonly string[] s_names =
        [
            "Mean help g of the training examples", "Share of the training examples with g above 0.5",
            "Budget used, mean over the guide's steps of a round", "Budget δ", "Penalty λ",
        ];

        readonly RoundSteps _rounds;
        readonly double _warmUp;
        readonly double _stepsPerEpoch;
        readonly Predictions _embeddings;
        readonly GuideNetwork _guide;
        readonly torch.Device _device;

        /// <param name="rounds">Which steps they have.</param>
        /// <param name="steps">The student's steps before the first round, and in an epoch.</param>
        /// <param name="embeddings">The teacher's, of all training examples.</param>
        /// <param name="guide">The guide, in eval mode.</param>
        /// <param name="device">The guide's device.</param>
        public History(RoundSteps rounds, (long WarmUp, long PerEpoch) steps, Predictions embeddings,
            GuideNetwork guide, torch.Device device)
        {
            (_rounds, _embeddings, _guide, _device) = (rounds, embeddings, guide, device);
            (_warmUp, _stepsPerEpoch) = steps;
            Values = torch.zeros(s_names.Length, Math.Max(rounds.Count, 1), dtype: torch.ScalarType.Float64);
        }

        /// <summary>One row for each measured value. [M, R] float64</summary>
        public Tensor Values { get; }

        /// <summary>Measures the help after a round's guide steps.</summary>
        public void Add(int round, double used, double budget, double penalty)
        {
            using var scope = torch.NewDisposeScope();
            var help = Help();
            double[] measured =
                [help.Average(), help.Average(g => g > Censored ? 1.0 : 0), used, budget, penalty];
            var values = Values.ToDoubleArray();
            foreach (var (row, value) in measured.Index()) values[row * _rounds.Count + round] = value;
            Values.copy_(values.ToTensor(s_names.Length, _rounds.Count));
        }

        /// <summary>The curves of all rounds.</summary>
        public IReadOnlyList<Curve> Curves()
        {
            var values = Values.ToDoubleArray();
            var rounds = Enumerable.Range(0, _rounds.Count).ToList();
            List<double> epochs = [.. rounds.Select(round => (_warmUp + _rounds.First(round)) / _stepsPerEpoch)];
            return
            [
                .. s_names.Select((name, row) => new Curve(
                    name, epochs, [.. rounds.Select(round => values[row * _rounds.Count + round])])),
            ];
        }

        /// <summary>The training examples that the guide helps most at the end.</summary>
        public RankedExamples Examples()
        {
            var help = Help();
            var most = Enumerable.Range(0, help.Length).OrderByDescending(n => help[n]).Take(ShownExamples);
            return new("Training examples with the most help", "g",
                [.. most.Select(n => new RankedExample(n, _embeddings.Ids[n], _embeddings.Labels[n], help[n]))]);
        }

        /// <summary>The values after the last round by name, for tables.</summary>
        public IReadOnlyDictionary<string, double> Figures()
        {
            if (_rounds.Count == 0) return new Dictionary<string, double>();

            var values = Values.ToDoubleArray();
            string[] keys = ["meanHelp", "censoredShare", "budgetUsed", "budget", "penalty"];
            return keys.Index().ToDictionary(key => key.Item, key => values[(key.Index + 1) * _rounds.Count - 1]);
        }

        public void Dispose() => Values.Dispose();

        // g of all training examples
        float[] Help()
        {
            using var frozen = torch.no_grad();
            var (count, width) = (_embeddings.Count, _embeddings.Width);
            var help = new float[count];
            for (var start = 0; start < count; start += Rows)
            {
                using var scope = torch.NewDisposeScope();
                var rows = Math.Min(Rows, count - start);
                var x = _embeddings.Values.AsSpan(start * width, rows * width).ToTensor(rows, width).to(_device);
                _guide.call(x).ToFloatArray().CopyTo(help, start);
            }
            return help;
        }
    }
}
