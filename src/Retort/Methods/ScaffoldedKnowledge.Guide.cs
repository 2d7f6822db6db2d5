using static Retort.Methods.ScaffoldedKnowledgeOptions;

namespace Retort.Methods;

/// <remarks>This file: the guides.</remarks>
public sealed partial class ScaffoldedKnowledge
{
    /// <summary>g: the help of each example.</summary>
    internal interface IGuide
    {
        /// <summary>g of each example of a batch. [B]</summary>
        /// <param name="ids">The examples' ids.</param>
        /// <param name="embedding">The teacher's embedding; null for a guide that reads none. [B, D]</param>
        Tensor Help(IReadOnlyList<int> ids, Tensor? embedding);
    }

    /// <summary>The same g for all examples.</summary>
    internal sealed class ConstantGuide(double help, torch.Device device) : IGuide
    {
        public Tensor Help(IReadOnlyList<int> ids, Tensor? embedding) =>
            torch.zeros(ids.Count, device: device).Add(help);
    }

    /// <summary>g is 1 for a share of the examples, drawn by their ids, and 0 for the others.</summary>
    internal sealed class RandomGuide(double share, int seed, torch.Device device) : IGuide
    {
        const int Pass = -1;                                        // no step has it

        public Tensor Help(IReadOnlyList<int> ids, Tensor? embedding)
        {
            float[] help = [.. ids.Select(Draw)];
            return help.ToTensor(help.Length).to(device);
        }

        float Draw(int id) => new RandomStream(seed, StreamKey.Method, Pass, id).Bernoulli(share) ? 1 : 0;
    }

    /// <summary>A guide that is trained: σ of one number for each embedding.</summary>
    internal sealed class GuideNetwork : torch.nn.Module<Tensor, Tensor>, IGuide
    {
        const int FirstWidth = 64;
        const int SecondWidth = 128;

        readonly TorchSharp.Modules.ModuleList<Linear> layers;
        readonly TorchSharp.Modules.ModuleList<BatchNorm1d> norms;
        readonly Tensor mean;                                       // [D]
        readonly Tensor deviation;                                  // [D]

        /// <param name="kind"><c>embedding</c> or <c>linear</c>.</param>
        /// <param name="embeddings">The teacher's, of all training examples. [N, D]</param>
        public GuideNetwork(GuideKind kind, Predictions embeddings) : base(nameof(GuideNetwork))
        {
            var width = embeddings.Width;
            var isLinear = kind == GuideKind.Linear;
            (mean, deviation) = isLinear ? Statistics(embeddings) : (torch.zeros(width), torch.ones(width));
            layers = new(isLinear ? [new Linear(width, 1)]
                : [new Linear(width, FirstWidth), new Linear(FirstWidth, SecondWidth), new Linear(SecondWidth, 1)]);
            norms = new(isLinear ? [] : [new BatchNorm1d(FirstWidth), new BatchNorm1d(SecondWidth)]);
            RegisterComponents();
            Initialize(isLinear);
        }

        public Tensor Help(IReadOnlyList<int> ids, Tensor? embedding) => call(embedding!);

        /// <summary>g. [B, D] → [B]</summary>
        public override Tensor forward(Tensor embedding)
        {
            var x = embedding.AtLeastFloat32().Subtract(mean).DividedBy(deviation);
            for (var i = 0; i < norms.Count; i++) x = norms[i].call(layers[i].call(x)).Relu();
            return layers[^1].call(x).Sigmoid().squeeze(1);
        }

        // the authors' code: Xavier's uniform weights, and .01 for biases; the linear guide begins with g = σ(−1)
        void Initialize(bool isLinear)
        {
            using var frozen = torch.no_grad();
            foreach (var (name, parameter) in layers.named_parameters())
                if (parameter.Dimensions == 1) parameter.copy_(torch.zeros_like(parameter).Add(isLinear ? -1 : 0.01));
                else if (isLinear) parameter.zero_();
                else
                {
                    var bound = Math.Sqrt(6.0 / (parameter.size(0) + parameter.size(1)));
                    parameter.uniform_(-bound, bound);
                }
        }

        // means and standard deviations of the columns; 1 where all values are alike
        static (Tensor Mean, Tensor Deviation) Statistics(Predictions embeddings)
        {
            var (count, width) = (embeddings.Count, embeddings.Width);
            var (means, deviations) = (new float[width], new float[width]);
            for (var d = 0; d < width; d++)
            {
                var column = Enumerable.Range(0, count).Select(n => (double)embeddings.Values[n * width + d]);
                var center = column.Average();
                var deviation = Math.Sqrt(column.Average(value => (value - center) * (value - center)));
                means[d] = (float)center;
                deviations[d] = deviation > 1e-6 ? (float)deviation : 1;
            }
            return (means.ToTensor(width), deviations.ToTensor(width));
        }
    }
}
