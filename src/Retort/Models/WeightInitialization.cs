using TorchSharp;

namespace Retort.Models;

/// <summary>First weights where a family's literature has others than its layers, drawn from the engine's generator.</summary>
static class WeightInitialization
{
    extension(Module network)
    {
        /// <summary>Kernels: normal, sd √(2 / (k² · outputs)) (He et al. 2015, arXiv:1502.01852, §2.2, the backward case).</summary>
        public void DrawKernels()
        {
            using var still = torch.no_grad();
            foreach (var (_, kernel) in network.named_parameters())
                if (kernel.dim() == 4) kernel.normal_(0, Math.Sqrt(2.0 / (kernel.size(0) * kernel.size(2) * kernel.size(3))));
        }

        /// <summary>Matrices of linear layers: normal with this deviation.</summary>
        public void DrawMatrices(double deviation)
        {
            using var still = torch.no_grad();
            foreach (var (_, matrix) in network.named_parameters())
                if (matrix.dim() == 2) matrix.normal_(0, deviation);
        }

        /// <summary>Every bias 0.</summary>
        public void ClearBiases()
        {
            using var still = torch.no_grad();
            foreach (var (name, bias) in network.named_parameters())
                if (name.EndsWith("bias", StringComparison.Ordinal)) bias.zero_();
        }
    }
}
