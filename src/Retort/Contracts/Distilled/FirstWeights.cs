using System.Text.Json.Serialization;

namespace Retort.Contracts.Distilled;

/// <summary>How the weights are drawn with which a network begins to learn distilled samples.</summary>
[JsonConverter(typeof(EnumNameConverter<FirstWeights>))]
public enum FirstWeights
{
    /// <summary>
    /// Matrices and kernels: normal with variance 2 / (inputs + outputs) (Glorot and Bengio 2010, Eq. 12); biases 0.
    /// </summary>
    Xavier,

    /// <summary>As the network draws them.</summary>
    Network,
}

/// <summary>Draws them.</summary>
static class FirstWeightsOfNetworks
{
    extension(FirstWeights kind)
    {
        /// <summary>
        /// A new network of the recipe's student with weights drawn in this way. The caller owns it.
        /// </summary>
        /// <param name="context">The run.</param>
        /// <param name="name">Equal names give equal weights; null: begins as the control does.</param>
        public Network NewNetwork(ProcedureContext context, string? name = null)
        {
            var network = name is null ? context.NewStudent() : context.NewNetwork(name);
            kind.Draw(network);
            return network;
        }

        /// <summary>Overwrites weights that a network drew, from libtorch's generator.</summary>
        public void Draw(Network network)
        {
            if (kind == FirstWeights.Network) return;

            using var noGrad = torch.no_grad();
            foreach (var (name, parameter) in network.named_parameters())
            {
                if (name.Split('.')[^1].StartsWith("bias", StringComparison.Ordinal)) parameter.zero_();
                if (parameter.dim() < 2) continue;

                var field = parameter.NumberOfElements / (parameter.size(0) * parameter.size(1));
                var fans = (parameter.size(0) + parameter.size(1)) * field;
                using var drawn = torch.empty(parameter.shape).normal_(0, Math.Sqrt(2.0 / fans));
                parameter.copy_(drawn);                                     // the same in any memory format
            }
        }
    }
}
