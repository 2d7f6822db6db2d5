namespace Retort.Methods;

/// <remarks>This file: windows.</remarks>
public sealed partial class ContextualRelations
{
    /// <summary>The points around each point: its window, or all points. N points, W neighbors of each.</summary>
    internal sealed class Neighbors
    {
        readonly Tensor? _indices;                                          // [N, W] int64; null: all points in order

        Neighbors(Tensor? indices, Tensor inside) => (_indices, Inside) = (indices, inside);

        /// <summary>Which neighbors are counted. [N, W] bool</summary>
        public Tensor Inside { get; }

        /// <summary>The neighbors of N points in order.</summary>
        /// <param name="count">N.</param>
        /// <param name="window">W, odd; null for all points.</param>
        /// <param name="repeatsEnds">
        /// Whether a window beyond the ends repeats the first or last point and holds the point itself, as the authors'
        /// code does; otherwise neither is counted.
        /// </param>
        /// <param name="device">Where the tensors are.</param>
        public static Neighbors Of(int count, int? window, bool repeatsEnds, torch.Device device)
        {
            var reach = window is { } w ? (w - 1) / 2 : count;
            var takesAll = window is null || (window >= count && !repeatsEnds);
            var width = takesAll ? count : window!.Value;
            var indices = new long[count * width];
            var inside = new long[count * width];
            for (var j = 0; j < count; j++)
                for (var k = 0; k < width; k++)
                {
                    var position = takesAll ? k : j - reach + k;
                    var isNear = position >= 0 && position < count && position != j && Math.Abs(position - j) <= reach;
                    indices[j * width + k] = Math.Clamp(position, 0, count - 1);
                    inside[j * width + k] = repeatsEnds || isNear ? 1 : 0;
                }
            return new(
                takesAll ? null : indices.ToTensor(count, width).to(device),
                inside.ToTensor(count, width).to(device).ToMask());
        }

        /// <summary>Each point's value for each of its neighbors. [G, N] or [G, N, N] → [G, N, W]</summary>
        public Tensor Take(Tensor values)
        {
            var (groups, count) = (values.size(0), values.size(1));
            if (_indices is null) return values.Dimensions == 3 ? values : values.unsqueeze(1).expand(-1, count, -1);
            if (values.Dimensions == 3) return values.gather(2, _indices.unsqueeze(0).expand(groups, -1, -1));

            return values.index_select(1, _indices.flatten()).reshape(groups, count, _indices.size(1));
        }

        /// <summary>
        /// The value of each pair of a point's neighbors. [G, N, N] → [G, N, W, W], or [G, 1, N, N] for all
        /// </summary>
        public Tensor TakePairs(Tensor values)
        {
            if (_indices is null) return values.unsqueeze(1);

            var (groups, count, width) = (values.size(0), values.size(1), _indices.size(1));
            using var factor = count.ToScalar();
            var rows = _indices.unsqueeze(2).mul(factor).Add(_indices.unsqueeze(1));        // [N, W, W]
            return values.flatten(1).index_select(1, rows.flatten()).reshape(groups, count, width, width);
        }
    }
}
