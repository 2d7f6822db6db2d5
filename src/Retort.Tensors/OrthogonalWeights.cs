namespace Retort.Tensors;

/// <summary>Orthogonal initial weights (Saxe et al., arXiv:1312.6120).</summary>
public static class OrthogonalWeights
{
    extension(Linear layer)
    {
        /// <summary>
        /// Sets the weight to an orthogonal matrix times a gain, drawn from libtorch's generator, and the bias to 0.
        /// </summary>
        public void Orthogonal(double gain)
        {
            using var frozen = no_grad();
            foreach (var (_, parameter) in layer.named_parameters())
            {
                if (parameter.Dimensions == 2) nn.init.orthogonal_(parameter, gain);
                else parameter.zero_();
            }
        }
    }
}
