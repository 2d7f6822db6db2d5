namespace Retort.Models;

/// <summary>
/// Initial weights of families that do not use those of PyTorch's layers, drawn from libtorch's generator.
/// </summary>
static class WeightInitialization
{
    extension(Module network)
    {
        /// <summary>
        /// Draws the weights of VGG and MobileNets as torchvision does: kernels by <see cref="DrawKernels"/>, matrices
        /// with the standard deviation 0.01, biases 0.
        /// </summary>
        public void DrawWeights()
        {
            network.DrawKernels();
            network.DrawMatrices(deviation: 0.01);
            network.ClearBiases();
        }

        /// <summary>
        /// Draws the kernels of convolutions: normal with sd √(2 / (k² · outputs)) (He et al. 2015, arXiv:1502.01852,
        /// §2.2, the backward case).
        /// </summary>
        public void DrawKernels()
        {
            using var noGrad = torch.no_grad();
            foreach (var (_, kernel) in network.named_parameters())
            {
                if (kernel.dim() != 4) continue;

                var fanOut = kernel.size(0) * kernel.size(2) * kernel.size(3);
                kernel.normal_(0, Math.Sqrt(2.0 / fanOut));
            }
        }

        /// <summary>
        /// Draws the kernels of convolutions: normal with sd √(2 / (k² · inputs)), the forward case of the same paper.
        /// </summary>
        public void DrawKernelsByInputs()
        {
            using var noGrad = torch.no_grad();
            foreach (var (_, kernel) in network.named_parameters())
            {
                if (kernel.dim() != 4) continue;

                var fanIn = kernel.size(1) * kernel.size(2) * kernel.size(3);
                kernel.normal_(0, Math.Sqrt(2.0 / fanIn));
            }
        }

        /// <summary>Draws the matrices of linear layers: normal with this standard deviation.</summary>
        public void DrawMatrices(double deviation)
        {
            using var noGrad = torch.no_grad();
            foreach (var (_, matrix) in network.named_parameters())
                if (matrix.dim() == 2) matrix.normal_(0, deviation);
        }

        /// <summary>Sets every bias to 0.</summary>
        public void ClearBiases()
        {
            using var noGrad = torch.no_grad();
            foreach (var (name, bias) in network.named_parameters())
                if (name.EndsWith("bias", StringComparison.Ordinal)) bias.zero_();
        }
    }
}
