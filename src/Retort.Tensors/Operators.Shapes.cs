namespace Retort.Tensors;

/// <remarks>This file: shapes, reductions and row selection.</remarks>
public static partial class Operators
{
    extension(Tensor x)
    {
        /// <summary>Swaps the last two axes. [.., N, D] → [.., D, N]</summary>
        public Tensor Transpose() => x.Transpose(-2, -1);

        /// <summary>Swaps two axes.</summary>
        public Tensor Transpose(long first, long second)
        {
            var y = x.transpose(first, second);
            Recorder.Current?.Add(
                y, "Transpose", [x], ("perm", SwappedAxes((int)x.Dimensions, (int)first, (int)second)));
            return y;
        }

        /// <summary>Puts the axes into this order.</summary>
        public Tensor Permute(params long[] axes)
        {
            var y = x.permute(axes);
            Recorder.Current?.Add(y, "Transpose", [x], ("perm", axes));
            return y;
        }

        /// <summary>
        /// The same elements in another shape. One axis may be -1: its length follows from the others.
        /// </summary>
        public Tensor Reshape(params long[] shape)
        {
            var y = x.reshape(shape);
            Recorder.Current?.Add(y, "Reshape", [x], ("shape", shape));
            return y;
        }

        /// <summary>Merges all axes but the first. [B, ..] → [B, D]</summary>
        public Tensor Flatten()
        {
            var y = x.flatten(1);
            Recorder.Current?.Add(y, "Flatten", [x], ("axis", 1L));
            return y;
        }

        /// <summary>Inserts an axis of length 1.</summary>
        public Tensor Unsqueeze(long axis)
        {
            var y = x.unsqueeze(axis);
            Recorder.Current?.Add(y, "Unsqueeze", [x], ("axes", new[] { axis }));
            return y;
        }

        /// <summary>Removes an axis of length 1.</summary>
        public Tensor Squeeze(long axis)
        {
            var y = x.squeeze(axis);
            Recorder.Current?.Add(y, "Squeeze", [x], ("axes", new[] { axis }));
            return y;
        }

        /// <summary>Repeats axes of length 1 up to this shape, without a copy.</summary>
        public Tensor Expand(params long[] shape)
        {
            var y = x.expand(shape);
            Recorder.Current?.Add(y, "Expand", [x], ("shape", shape));
            return y;
        }

        /// <summary>Indices [from, to) of an axis, every <paramref name="step"/>-th of them.</summary>
        public Tensor Slice(long axis, long from, long to, long step = 1)
        {
            var y = x.slice(axis, from, to, step);
            Recorder.Current?.Add(y, "Slice", [x],
                ("axes", new[] { axis }), ("starts", new[] { from }), ("ends", new[] { to }),
                ("steps", new[] { step }));
            return y;
        }

        /// <summary>Concatenates this tensor and the others along an axis.</summary>
        public Tensor Concat(long axis, params ReadOnlySpan<Tensor> others)
        {
            Tensor[] all = [x, .. others];
            var y = cat(all, axis);
            Recorder.Current?.Add(y, "Concat", all, ("axis", axis));
            return y;
        }

        /// <summary>The mean over an axis, which is removed. [.., A, ..] → [.., ..]</summary>
        public Tensor Mean(long axis)
        {
            var y = x.mean([axis]);
            Recorder.Current?.Add(y, "ReduceMean", [x], ("axes", new[] { axis }), ("keepdims", 0L));
            return y;
        }

        /// <summary>The sum over an axis, which is removed. [.., A, ..] → [.., ..]</summary>
        public Tensor Sum(long axis)
        {
            var y = x.sum(axis);
            Recorder.Current?.Add(y, "ReduceSum", [x], ("axes", new[] { axis }), ("keepdims", 0L));
            return y;
        }

        /// <summary>
        /// The maximum over an axis, which is removed. Equal maxima share the gradient. [.., A, ..] → [.., ..]
        /// </summary>
        public Tensor Max(long axis)
        {
            var y = x.amax([axis]);
            Recorder.Current?.Add(y, "ReduceMax", [x], ("axes", new[] { axis }), ("keepdims", 0L));
            return y;
        }

        /// <summary>The rows of a table at these indices. [N, D], [..] int64 → [.., D]</summary>
        public Tensor TakeRows(Tensor indices)
        {
            var y = x.index_select(0, indices.flatten()).reshape([.. indices.shape, x.size(1)]);
            Recorder.Current?.Add(y, "Gather", [x, indices], ("axis", 0L));
            return y;
        }
    }

    static long[] SwappedAxes(int rank, int first, int second)
    {
        var order = new long[rank];
        for (var i = 0; i < rank; i++) order[i] = i;
        var a = first < 0 ? first + rank : first;
        var b = second < 0 ? second + rank : second;
        (order[a], order[b]) = (order[b], order[a]);
        return order;
    }
}
