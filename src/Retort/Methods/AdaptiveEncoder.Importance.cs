namespace Retort.Methods;

/// <remarks>This file: which heads and neurons come first.</remarks>
public sealed partial class AdaptiveEncoder
{
    // heads and neurons by their importance on validation
    static void Order(ProcedureContext context, Network whole, EncoderShape encoder)
    {
        var importance = new Importance(whole, encoder);
        var host = new HostBatch();
        foreach (var positions in Enumerable.Range(0, context.Data.Validation.Count).Chunk(context.BatchSize))
        {
            using var step = torch.NewDisposeScope();
            context.Data.Validation.Load(positions, View.Plain, host);
            importance.Add(host.ToBatch(context.Device), context.Task);
        }
        importance.Reorder();
    }

    /// <summary>
    /// How much the loss on validation would change without a head or a neuron, to first order (§3.1): the sum over
    /// batches of |∂L / ∂m|, where m multiplies the head's output, and of |Σ w ∂L / ∂w| over the weights and the bias
    /// into a neuron and over those out of it.
    /// </summary>
    internal sealed class Importance
    {
        readonly Network _network;
        readonly List<Layer> _layers;

        /// <param name="network">The encoder, which can be trained.</param>
        /// <param name="encoder">The names of its parameters.</param>
        public Importance(Network network, EncoderShape encoder)
        {
            _network = network;
            _layers = [.. Enumerable.Range(0, encoder.Layers).Select(layer => new Layer(network, encoder, layer))];
        }

        /// <summary>The importance of a layer's heads so far. [H]</summary>
        public IReadOnlyList<double> Heads(int layer) => _layers[layer].Heads;

        /// <summary>The importance of a layer's neurons so far. [I]</summary>
        public IReadOnlyList<double> Neurons(int layer) => _layers[layer].Neurons;

        /// <summary>Adds a batch, in eval mode and by the task's loss on the labels.</summary>
        public void Add(Batch batch, LearningTask task)
        {
            using var scope = torch.NewDisposeScope();
            _network.eval();
            ClearGradients();
            task.SupervisedLoss(batch, _network.Forward(batch.Inputs, task.Output)).backward();
            foreach (var layer in _layers) layer.Add();
            ClearGradients();
        }

        /// <summary>Sorts each layer's heads and neurons, the most important first. Outputs stay the same.</summary>
        public void Reorder()
        {
            using var scope = torch.NewDisposeScope();
            using var frozen = torch.no_grad();
            foreach (var layer in _layers) layer.Reorder();
        }

        void ClearGradients()
        {
            foreach (var parameter in _network.parameters()) parameter.grad = null;
        }

        /// <summary>The parameters of a layer, and the importance of its heads and neurons.</summary>
        sealed class Layer
        {
            readonly List<Tensor> _headRows;
            readonly List<Tensor> _neuronRows;
            readonly Tensor _headColumns;
            readonly Tensor _neuronColumns;
            readonly double[] _heads;
            readonly double[] _neurons;

            public IReadOnlyList<double> Heads => _heads;

            public IReadOnlyList<double> Neurons => _neurons;

            public Layer(Network network, EncoderShape encoder, int layer)
            {
                var parameters = network.named_parameters().ToDictionary(one => one.name, one => one.parameter);
                _headRows = [.. encoder.HeadRows.Select(Named)];
                _headColumns = Named(encoder.HeadColumns);
                _neuronRows = [.. encoder.NeuronRows.Select(Named)];
                _neuronColumns = Named(encoder.NeuronColumns);
                _heads = new double[encoder.Heads];
                _neurons = new double[encoder.Neurons];

                Tensor Named(string name) => parameters[Invariant($"{encoder.LayerPrefix}{layer}.{name}")];
            }

            /// <summary>Adds the importance by the gradients of one batch.</summary>
            public void Add()
            {
                // the derivative by a factor of a head's output is Σ w ∂L / ∂w over the weights that read it
                AddTo(_heads, Products(_headColumns, axis: 0));
                var into = _neuronRows.Select(rows => rows.Dimensions == 1 ? Products(rows) : Products(rows, axis: 1));
                AddTo(_neurons, into.Aggregate((sum, value) => sum.Add(value)));
                AddTo(_neurons, Products(_neuronColumns, axis: 0));
            }

            /// <summary>Sorts heads and neurons, the most important first.</summary>
            public void Reorder()
            {
                var (heads, neurons) = (Sorted(_heads), Sorted(_neurons));
                foreach (var rows in _headRows) Reorder(rows, 0, heads);
                Reorder(_headColumns, 1, heads);
                foreach (var rows in _neuronRows) Reorder(rows, 0, neurons);
                Reorder(_neuronColumns, 1, neurons);
            }

            static Tensor Products(Tensor parameter) => parameter.detach().mul(parameter.grad!);

            static Tensor Products(Tensor parameter, long axis) => Products(parameter).sum(axis);

            // each head or neuron has a run of equal length
            static void AddTo(double[] importance, Tensor products)
            {
                var sums = products.reshape(importance.Length, -1).sum(1L).ToFloatArray();
                for (var i = 0; i < importance.Length; i++) importance[i] += Math.Abs(sums[i]);
            }

            // of equally important ones the first stays first
            static int[] Sorted(double[] importance) =>
                [.. Enumerable.Range(0, importance.Length).OrderByDescending(i => importance[i])];

            static void Reorder(Tensor parameter, int axis, int[] order)
            {
                var run = parameter.shape[axis] / order.Length;
                long[] indices = [.. order.SelectMany(i => Enumerable.Range(0, (int)run).Select(k => i * run + k))];
                parameter.copy_(parameter.index_select(axis, indices.ToTensor(indices.Length).to(parameter.device)));
            }
        }
    }
}
