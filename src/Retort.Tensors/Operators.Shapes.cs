using static TorchSharp.torch;

namespace Retort.Tensors;

/// <remarks>Shapes, reductions and rows.</remarks>
public static partial class Operators
{
    static readonly long[] PixelAxes = [2, 3];

    extension(Tensor x)
    {
        /// <summary>The last two axes exchanged. [.., N, D] → [.., D, N]</summary>
        public Tensor Transpose() => x.Transpose(-2, -1);

        /// <summary>Two axes exchanged.</summary>
        public Tensor Transpose(long first, long second)
        {
            var y = x.transpose(first, second);
            Recorder.Current?.Add(y, "Transpose", [x], ("perm", Exchanged((int)x.Dimensions, (int)first, (int)second)));
            return y;
        }

        /// <summary>The axes in this order.</summary>
        public Tensor Permute(params long[] axes)
        {
            var y = x.permute(axes);
            Recorder.Current?.Add(y, "Transpose", [x], ("perm", axes));
            return y;
        }

        /// <summary>The same numbers in another shape; -1 once, for what is left over.</summary>
        public Tensor Reshape(params long[] shape)
        {
            var y = x.reshape(shape);
            Recorder.Current?.Add(y, "Reshape", [x], ("shape", shape));
            return y;
        }

        /// <summary>All but the batch in one axis. [B, ..] → [B, D]</summary>
        public Tensor Flatten()
        {
            var y = x.flatten(1);
            Recorder.Current?.Add(y, "Flatten", [x], ("axis", 1L));
            return y;
        }

        /// <summary>An axis of length 1 more.</summary>
        public Tensor Unsqueeze(long axis)
        {
            var y = x.unsqueeze(axis);
            Recorder.Current?.Add(y, "Unsqueeze", [x], ("axes", new[] { axis }));
            return y;
        }

        /// <summary>An axis of length 1 less.</summary>
        public Tensor Squeeze(long axis)
        {
            var y = x.squeeze(axis);
            Recorder.Current?.Add(y, "Squeeze", [x], ("axes", new[] { axis }));
            return y;
        }

        /// <summary>Axes of length 1 repeated to this shape, without a copy.</summary>
        public Tensor Expand(params long[] shape)
        {
            var y = x.expand(shape);
            Recorder.Current?.Add(y, "Expand", [x], ("shape", shape));
            return y;
        }

        /// <summary>What lies in [from, to) of an axis, every <paramref name="step"/>-th.</summary>
        public Tensor Slice(long axis, long from, long to, long step = 1)
        {
            var y = x.slice(axis, from, to, step);
            Recorder.Current?.Add(y, "Slice", [x], ("axes", new[] { axis }), ("starts", new[] { from }), ("ends", new[] { to }), ("steps", new[] { step }));
            return y;
        }

        /// <summary>This tensor, then the others, along an axis.</summary>
        public Tensor Concat(long axis, params ReadOnlySpan<Tensor> others)
        {
            Tensor[] all = [x, .. others];
            var y = cat(all, axis);
            Recorder.Current?.Add(y, "Concat", all, ("axis", axis));
            return y;
        }

        /// <summary>Mean over one axis, which goes. [.., A, ..] → [.., ..]</summary>
        public Tensor Mean(long axis)
        {
            var y = x.mean([axis]);
            Recorder.Current?.Add(y, "ReduceMean", [x], ("axes", new[] { axis }), ("keepdims", 0L));
            return y;
        }

        /// <summary>Sum over one axis, which goes. [.., A, ..] → [.., ..]</summary>
        public Tensor Sum(long axis)
        {
            var y = x.sum(axis);
            Recorder.Current?.Add(y, "ReduceSum", [x], ("axes", new[] { axis }), ("keepdims", 0L));
            return y;
        }

        /// <summary>The largest of one axis, which goes; where several are, they share the gradient. [.., A, ..] → [.., ..]</summary>
        public Tensor Max(long axis)
        {
            var y = x.amax([axis]);
            Recorder.Current?.Add(y, "ReduceMax", [x], ("axes", new[] { axis }), ("keepdims", 0L));
            return y;
        }

        /// <summary>Mean over the picture. [B, C, H, W] → [B, C]</summary>
        public Tensor GlobalAvgPool2d()
        {
            var y = x.mean(PixelAxes);
            Recorder.Current?.Add(y, "ReduceMean", [x], ("axes", PixelAxes), ("keepdims", 0L));
            return y;
        }

        /// <summary>The rows of a table that these numbers name. [N, D], [..] int64 → [.., D]</summary>
        public Tensor TakeRows(Tensor indices)
        {
            var y = x.index_select(0, indices.flatten()).reshape([.. indices.shape, x.size(1)]);
            Recorder.Current?.Add(y, "Gather", [x, indices], ("axis", 0L));
            return y;
        }
    }

    static long[] Exchanged(int rank, int first, int second)
    {
        var order = new long[rank];
        for (var i = 0; i < rank; i++) order[i] = i;
        var (a, b) = (first < 0 ? first + rank : first, second < 0 ? second + rank : second);
        (order[a], order[b]) = (order[b], order[a]);
        return order;
    }
}
