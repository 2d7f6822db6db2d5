using TorchSharp;

namespace Retort.Models;

/// <summary>One block after another.</summary>
static class BlockSequence
{
    extension<T>(IEnumerable<T> blocks) where T : torch.nn.Module<Tensor, Tensor>
    {
        /// <summary>The last block's result. What lies between two blocks is let go at once: autograd keeps what it needs.</summary>
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
