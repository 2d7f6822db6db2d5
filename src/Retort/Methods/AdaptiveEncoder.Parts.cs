using System.Globalization;

namespace Retort.Methods;

/// <remarks>This file: the parts of the whole network.</remarks>
public sealed partial class AdaptiveEncoder
{
    /// <summary>
    /// A smaller encoder in the whole one: some of its layers, and the first heads and neurons of each.
    /// </summary>
    /// <param name="Name">The stage's name: <c>width-0.5-depth-0.5</c>.</param>
    /// <param name="Layers">The indices of its layers in the whole encoder.</param>
    /// <param name="States">The teacher's hidden states that its own, in order, are compared with.</param>
    /// <param name="Heads">Heads of a layer.</param>
    /// <param name="Neurons">Neurons of a layer.</param>
    /// <param name="Model">Its options.</param>
    /// <param name="Whole">The whole encoder.</param>
    internal sealed record Part(string Name, IReadOnlyList<int> Layers, IReadOnlyList<int> States, int Heads,
        int Neurons, ModelOptions Model, EncoderShape Whole)
    {
        string LayerPrefix => Whole.LayerPrefix;

        /// <summary>The shapes of its outputs, and of those of the teacher's that they are compared with.</summary>
        public OutputShapes ShapesOf(DatasetInfo data)
        {
            long[] state = [data.Input(InputNames.AttentionMask)!.Shape[0], Whole.Width];
            return new(new Dictionary<OutputKey, IReadOnlyList<long[]>>
            {
                [Output.Logits] = [[data.Classes.Count]],
                [Output.HiddenStates] = [.. States.Select(_ => state)],
            });
        }

        /// <summary>Whether an encoder has as many layers, heads and neurons.</summary>
        public bool IsCutLike(EncoderShape other) =>
            (Layers.Count, Heads, Neurons) == (other.Layers, other.Heads, other.Neurons);

        /// <summary>The name in the whole encoder of one of this encoder's parameters.</summary>
        public string NameInWhole(string name)
        {
            if (!name.StartsWith(LayerPrefix, StringComparison.Ordinal)) return name;

            var rest = name[LayerPrefix.Length..];
            var dot = rest.IndexOf('.', StringComparison.Ordinal);
            var layer = Layers[int.Parse(rest[..dot], CultureInfo.InvariantCulture)];
            return Invariant($"{LayerPrefix}{layer}{rest[dot..]}");
        }
    }

    /// <summary>The parts of all widths and depths, the largest first.</summary>
    internal static List<Part> PartsOf(
        EncoderShape encoder, IReadOnlyList<double> widths, IReadOnlyList<double> depths) =>
    [
        .. from depth in depths from width in widths select PartOf(encoder, width, depth),
    ];

    static Part PartOf(EncoderShape encoder, double width, double depth)
    {
        var layers = KeptLayers(depth, encoder.Layers);
        var (heads, neurons) = ((int)Math.Round(width * encoder.Heads), (int)Math.Round(width * encoder.Neurons));
        return new(Invariant($"width-{width}-depth-{depth}"), layers, KeptStates(depth, encoder.Layers), heads, neurons,
            encoder.Resize(layers.Length, heads, neurons), encoder);
    }

    /// <summary>The layers of a depth m, as the authors' code has them: ⌊i / m⌋ for i &lt; round(m L).</summary>
    internal static int[] KeptLayers(double depth, int layers) =>
        [.. Enumerable.Range(0, (int)Math.Round(depth * layers)).Select(i => (int)Math.Floor(i / depth))];

    /// <summary>
    /// The whole encoder's hidden states that those of a depth are compared with: the inputs of the kept layers, and
    /// the last output. 0 is the embedding output.
    /// </summary>
    internal static int[] KeptStates(double depth, int layers) => [.. KeptLayers(depth, layers), layers];

    /// <summary>A network with the weights of a part; it owns the network.</summary>
    internal sealed class Cut(Part part, Network network) : IDisposable
    {
        public Part Part => part;

        public Network Network => network;

        /// <summary>Copies its weights from the whole network.</summary>
        public void CopyFrom(Network whole)
        {
            using var scope = torch.NewDisposeScope();
            using var frozen = torch.no_grad();
            var state = whole.state_dict();
            foreach (var (name, own) in network.state_dict())
                own.copy_(CornerOf(state[part.NameInWhole(name)], own));
        }

        /// <summary>Adds its gradients to those of the whole network, and removes its own.</summary>
        public void AddGradientsTo(Network whole)
        {
            using var scope = torch.NewDisposeScope();
            using var frozen = torch.no_grad();
            var parameters = whole.named_parameters().ToDictionary(one => one.name, one => one.parameter);
            foreach (var (name, own) in network.named_parameters())
            {
                if (own.grad is not { } gradient) continue;

                var parameter = parameters[part.NameInWhole(name)];
                if (parameter.grad is null) parameter.grad = torch.zeros_like(parameter);
                var corner = CornerOf(parameter.grad!, own);
                corner.copy_(corner.Add(gradient));
                own.grad = null;
            }
        }

        public void Dispose() => network.Dispose();

        // a view of the first elements along each axis
        static Tensor CornerOf(Tensor tensor, Tensor like)
        {
            foreach (var (axis, size) in like.shape.Index()) tensor = tensor.narrow(axis, 0, size);
            return tensor;
        }
    }
}
