using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Tensors;

/// <summary>
/// Words papers are written in. Logarithms have base e; sums go over classes or widths and means over examples; what is
/// compared comes first: <c>Divergence(p, logQ)</c> is KL(p ‖ q). They compute in at least float32. Losses over tokens ask
/// for a mask, and what it drops changes nothing.
/// </summary>
/// <remarks>This file: what is made of one tensor, and relations between examples. Losses have files of their own.</remarks>
public static partial class Functional
{
    /// <summary>Added under square roots, whose slope is infinite at 0.</summary>
    const double Tiny = 1e-12;

    extension(Tensor x)
    {
        /// <summary>Rows divided by their length. [.., D] → [.., D]</summary>
        public Tensor UnitRows()
        {
            var wide = x.AtLeastFloat32();
            return wide.div(wide.RowNorms().unsqueeze(-1));
        }

        /// <summary>√(Σ x²) of each row, with a slope of 0 at 0. [.., D] → [..]</summary>
        public Tensor RowNorms() => x.AtLeastFloat32().square().sum(-1L).Plus(Tiny).sqrt();

        /// <summary>Rows less their own mean. [.., D] → [.., D]</summary>
        public Tensor CenteredRows()
        {
            var wide = x.AtLeastFloat32();
            return wide.Minus(wide.mean([-1], keepdim: true));
        }

        /// <summary>Columns less their mean over the examples. [N, D] → [N, D]</summary>
        public Tensor CenteredColumns()
        {
            var wide = x.AtLeastFloat32();
            return wide.Minus(wide.mean([0], keepdim: true));
        }

        /// <summary>Rows less their mean, divided by their standard deviation (over D, not D - 1). [.., D] → [.., D]</summary>
        public Tensor StandardizedRows()
        {
            var centred = x.CenteredRows();
            return centred.div(centred.square().mean([-1], keepdim: true).Plus(Tiny).sqrt());
        }

        /// <summary>The diagonal at -1e9, so that its odds are 0. [N, N] → [N, N]</summary>
        public Tensor MaskDiagonal()
        {
            using var self = eye(x.size(-1), dtype: ScalarType.Bool, device: x.device);
            using var never = (-1e9).ToScalar();
            return x.masked_fill(self, never);
        }

        /// <summary>All but the diagonal, row by row. [N, N] → [N, N - 1]</summary>
        public Tensor OffDiagonal()
        {
            var n = x.size(0);
            Shape.Check((x, "N N", "OffDiagonal's argument"));
            return x.flatten().slice(0, 1, n * n, 1).reshape(n - 1, n + 1).slice(1, 0, n, 1).reshape(n, n - 1);
        }

        /// <summary>Every example's product with every other, x xᵀ. [N, D] → [N, N]</summary>
        public Tensor Gram()
        {
            Shape.Check((x, "N D", "Gram's argument"));
            var wide = x.AtLeastFloat32();
            return wide.mm(wide.t());
        }

        /// <summary>The mean over channels of the squares, one map an example, as rows of length 1 (arXiv:1612.03928, §3.1). [B, C, H, W] → [B, H·W]</summary>
        public Tensor AttentionMap() => x.AtLeastFloat32().square().mean([1]).flatten(1).UnitRows();

        /// <summary>What stands at each example's label. [B, C], [B] int64 → [B]</summary>
        public Tensor AtLabels(Tensor labels)
        {
            Shape.Check((x, "B C", "AtLabels' figures"), (labels, "B", "its labels"));
            return x.gather(1, labels.unsqueeze(1)).squeeze(1);
        }

        /// <summary>1 at the label and 0 elsewhere, in float32; every label must be known. [B] int64 → [B, C]</summary>
        public Tensor OneHot(long classes) => nn.functional.one_hot(x, classes).to(ScalarType.Float32);

        /// <summary>The share ε spread over all classes, the rest at the label (arXiv:1512.00567, §7). [B] int64 → [B, C]</summary>
        public Tensor SmoothedLabels(long classes, double share) => x.OneHot(classes).Scaled(1 - share).Plus(share / classes);

        /// <summary>log of the members' mean probability: what an ensemble says. [M, B, C] log-probabilities → [B, C]</summary>
        public Tensor LogMeanProbability() => x.AtLeastFloat32().logsumexp(0).Plus(-Math.Log(x.size(0)));

        internal Tensor Plus(double number)
        {
            using var scalar = number.ToScalar();
            return x.add(scalar, ScalarArithmetic.One);
        }

        internal Tensor Scaled(double factor)
        {
            using var scalar = factor.ToScalar();
            return x.mul(scalar);
        }

        internal Tensor Over(double divisor)
        {
            using var scalar = divisor.ToScalar();
            return x.div(scalar);
        }
    }

    /// <summary>The cosine between every row of one and every row of the other. [N, D], [M, D] → [N, M]</summary>
    public static Tensor CosineMatrix(Tensor x, Tensor y)
    {
        Shape.Check((x, "N D", "Cosines' first"), (y, "M D", "its second"));
        return x.UnitRows().mm(y.UnitRows().t());
    }

    /// <summary>The cosine between every two examples. [N, D] → [N, N]</summary>
    public static Tensor CosineMatrix(Tensor x) => x.UnitRows().Gram();

    /// <summary>The cosine between the rows that belong together. [.., D], [.., D] → [..]</summary>
    public static Tensor CosineSimilarity(Tensor x, Tensor y)
    {
        Shape.CheckSame(x, y, "CosineOfRows");
        return x.UnitRows().mul(y.UnitRows()).sum(-1L);
    }

    /// <summary>Squared Euclidean distances between every row of one and every row of the other, never below 0. [N, D], [M, D] → [N, M]</summary>
    /// <remarks>|x|² + |y|² - 2 x·y: one product, exact to about 1e-6 of the squared lengths.</remarks>
    public static Tensor SquaredDistanceMatrix(Tensor x, Tensor y)
    {
        Shape.Check((x, "N D", "SquaredDistances' first"), (y, "M D", "its second"));
        var (a, b) = (x.AtLeastFloat32(), y.AtLeastFloat32());
        var products = a.mm(b.t());
        return a.square().sum(1L, keepdim: true).Plus(b.square().sum(1L).unsqueeze(0)).Minus(products.Scaled(2)).relu();
    }

    /// <summary>Euclidean distances between every row of one and every row of the other; 0, with a slope of 0, where two are the same. [N, D], [M, D] → [N, M]</summary>
    /// <remarks>From the differences, not from products: exact for near neighbours too.</remarks>
    public static Tensor DistanceMatrix(Tensor x, Tensor y)
    {
        Shape.Check((x, "N D", "Distances' first"), (y, "M D", "its second"));
        return cdist(x.AtLeastFloat32(), y.AtLeastFloat32(), 2, compute_mode.donot_use_mm_for_euclid_dist);
    }

    /// <summary>Euclidean distances between every two examples. [N, D] → [N, N]</summary>
    public static Tensor DistanceMatrix(Tensor x) => DistanceMatrix(x, x);

    /// <summary>Pearson's correlation of the rows that belong together. [.., D], [.., D] → [..]</summary>
    public static Tensor PearsonCorrelation(Tensor x, Tensor y) => CosineSimilarity(x.CenteredRows(), y.CenteredRows());

    /// <summary>How alike two sets of features order the examples, from 0 to 1: linear CKA (arXiv:1905.00414, eq. 5). [N, D], [N, E] → []</summary>
    public static Tensor LinearCka(Tensor x, Tensor y)
    {
        Shape.Check((x, "N D", "KernelAlignment's first"), (y, "N E", "its second"));
        var (k, l) = (x.CenteredColumns().Gram(), y.CenteredColumns().Gram());
        return k.mul(l).sum().div(k.square().sum().mul(l.square().sum()).Plus(Tiny).sqrt());
    }
}
