namespace Retort.Models;

/// <summary>Runs blocks one after another.</summary>
static class BlockSequence
{
    extension<T>(IEnumerable<T> blocks) where T : torch.nn.Module<Tensor, Tensor>
    {
        /// <summary>
        /// The last block's result. The results between two blocks are disposed at once: autograd keeps those that it
        /// needs.
        /// </summary>
        public Tensor Run(Tensor x)
        {
            using var scope = torch.NewDisposeScope();
            var y = x;
            foreach (var block in blocks)
            {
                var before = y;
                y = block.call(y);
                if (!ReferenceEquals(before, x)) before.Dispose();
            }
            return ReferenceEquals(x, y) ? y : y.MoveToOuterDisposeScope();
        }
    }
}

/// <summary>Layers of any kind; parameter names are their positions. [B, I, H, W] → [B, O, H', W']</summary>
sealed class LayerList(IEnumerable<torch.nn.Module<Tensor, Tensor>> layers)
    : TorchSharp.Modules.ModuleList<torch.nn.Module<Tensor, Tensor>>([.. layers]);
