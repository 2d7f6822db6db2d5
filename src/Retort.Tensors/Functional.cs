namespace Retort.Tensors;

/// <summary>
/// Functions that losses are written with. They compute in at least float32. Logarithms have base e; sums go over
/// classes or features, means over examples. The target comes first: <c>KlDivergence(p, logQ)</c> is KL(p ‖ q).
/// Functions of tokens take a mask, and what it leaves out changes nothing.
/// </summary>
/// <remarks>This file: functions of one tensor, and relations between examples.</remarks>
public static partial class Functional
{
    /// <summary>Added under square roots, whose slope at 0 is infinite.</summary>
    const double Tiny = 1e-12;

    extension(Tensor x)
    {
        /// <summary>Rows divided by their Euclidean norm. [.., D] → [.., D]</summary>
        public Tensor UnitRows()
        {
            var values = x.AtLeastFloat32();
            return values.div(values.RowNorms().unsqueeze(-1));
        }

        /// <summary>√(Σ x²) of each row, with a gradient of 0 at 0. [.., D] → [..]</summary>
        public Tensor RowNorms() => x.AtLeastFloat32().Squared().sum(-1L).Plus(Tiny).sqrt();

        /// <summary>Rows minus their own mean. [.., D] → [.., D]</summary>
        public Tensor CenteredRows()
        {
            var values = x.AtLeastFloat32();
            return values.Minus(values.mean([-1], keepdim: true));
        }

        /// <summary>Columns minus their mean over the examples. [N, D] → [N, D]</summary>
        public Tensor CenteredColumns()
        {
            var values = x.AtLeastFloat32();
            return values.Minus(values.mean([0], keepdim: true));
        }

        /// <summary>
        /// Rows minus their mean, divided by their standard deviation (over D, not D - 1). [.., D] → [.., D]
        /// </summary>
        public Tensor StandardizedRows()
        {
            var centered = x.CenteredRows();
            return centered.div(centered.Squared().mean([-1], keepdim: true).Plus(Tiny).sqrt());
        }

        /// <summary>The diagonal set to -1e9, so that softmax makes it 0. [N, N] → [N, N]</summary>
        public Tensor MaskDiagonal()
        {
            using var diagonal = eye(x.size(-1), dtype: ScalarType.Bool, device: x.device);
            using var value = (-1e9).ToScalar();
            return x.masked_fill(diagonal, value);
        }

        /// <summary>All elements off the diagonal, row by row. [N, N] → [N, N - 1]</summary>
        public Tensor OffDiagonal()
        {
            var n = x.size(0);
            Shape.Check((x, "N N", "OffDiagonal's argument"));
            return x.flatten().slice(0, 1, n * n, 1).reshape(n - 1, n + 1).slice(1, 0, n, 1).reshape(n, n - 1);
        }

        /// <summary>Products of all pairs of examples, x xᵀ. [N, D] → [N, N]</summary>
        public Tensor Gram()
        {
            Shape.Check((x, "N D", "Gram's argument"));
            var values = x.AtLeastFloat32();
            return values.mm(values.t());
        }

        /// <summary>
        /// The mean of squares over channels, one map per example, as unit rows (arXiv:1612.03928, §3.1).
        /// [B, C, H, W] → [B, H·W]
        /// </summary>
        public Tensor AttentionMap() => x.AtLeastFloat32().Squared().mean([1]).flatten(1).UnitRows();

        /// <summary>The value at each example's label. [B, C], [B] int64 → [B]</summary>
        public Tensor AtLabels(Tensor labels)
        {
            Shape.Check((x, "B C", "AtLabels' values"), (labels, "B", "its labels"));
            return x.gather(1, labels.unsqueeze(1)).squeeze(1);
        }

        /// <summary>1 at the label and 0 elsewhere, in float32. Every label must be known. [B] int64 → [B, C]</summary>
        public Tensor OneHot(long classes) => nn.functional.one_hot(x, classes).to(ScalarType.Float32);

        /// <summary>
        /// Label smoothing: ε / C for each class, plus 1 - ε at the label (arXiv:1512.00567, §7). [B] int64 → [B, C]
        /// </summary>
        /// <param name="classes">C.</param>
        /// <param name="epsilon">ε.</param>
        public Tensor SmoothedLabels(long classes, double epsilon) =>
            x.OneHot(classes).Scaled(1 - epsilon).Plus(epsilon / classes);

        /// <summary>
        /// log of the mean probability over the members of an ensemble. [M, B, C] log-probabilities → [B, C]
        /// </summary>
        public Tensor LogMeanProbability() => x.AtLeastFloat32().logsumexp(0).Plus(-Math.Log(x.size(0)));
    }

    /// <summary>Cosine similarity of each row of x and each row of y. [N, D], [M, D] → [N, M]</summary>
    public static Tensor CosineMatrix(Tensor x, Tensor y)
    {
        Shape.Check((x, "N D", "CosineMatrix' first"), (y, "M D", "its second"));
        return x.UnitRows().mm(y.UnitRows().t());
    }

    /// <summary>Cosine similarity of all pairs of examples. [N, D] → [N, N]</summary>
    public static Tensor CosineMatrix(Tensor x) => x.UnitRows().Gram();

    /// <summary>Cosine similarity of x and y, row by row. [.., D], [.., D] → [..]</summary>
    public static Tensor CosineSimilarity(Tensor x, Tensor y)
    {
        Shape.CheckSame(x, y, "CosineSimilarity");
        return x.UnitRows().mul(y.UnitRows()).sum(-1L);
    }

    /// <summary>
    /// Squared Euclidean distance of each row of x and each row of y, never below 0. [N, D], [M, D] → [N, M]
    /// </summary>
    /// <remarks>|x|² + |y|² - 2 x·y: one matrix product, exact to about 1e-6 of the squared norms.</remarks>
    public static Tensor SquaredDistanceMatrix(Tensor x, Tensor y)
    {
        Shape.Check((x, "N D", "SquaredDistanceMatrix' first"), (y, "M D", "its second"));
        var a = x.AtLeastFloat32();
        var b = y.AtLeastFloat32();
        var products = a.mm(b.t());                                                         // [N, M]
        var norms = a.Squared().sum(1L, keepdim: true).Plus(b.Squared().sum(1L).unsqueeze(0));
        return norms.Minus(products.Scaled(2)).relu();
    }

    /// <summary>
    /// Euclidean distance of each row of x and each row of y; 0, with a gradient of 0, for equal rows.
    /// [.., N, D], [.., M, D] → [.., N, M]
    /// </summary>
    /// <remarks>From differences, not from products: exact for near neighbors too.</remarks>
    public static Tensor DistanceMatrix(Tensor x, Tensor y)
    {
        Shape.Check((x, ".. N D", "DistanceMatrix' first"), (y, ".. M D", "its second"));
        return cdist(x.AtLeastFloat32(), y.AtLeastFloat32(), 2, compute_mode.donot_use_mm_for_euclid_dist);
    }

    /// <summary>Euclidean distance of all pairs of rows. [.., N, D] → [.., N, N]</summary>
    public static Tensor DistanceMatrix(Tensor x) => DistanceMatrix(x, x);

    /// <summary>Pearson correlation of x and y, row by row. [.., D], [.., D] → [..]</summary>
    public static Tensor PearsonCorrelation(Tensor x, Tensor y) => CosineSimilarity(x.CenteredRows(), y.CenteredRows());

    /// <summary>
    /// Linear CKA, the similarity of two representations of the same examples, from 0 to 1 (arXiv:1905.00414, Eq. 5).
    /// [N, D], [N, E] → []
    /// </summary>
    public static Tensor LinearCka(Tensor x, Tensor y)
    {
        Shape.Check((x, "N D", "LinearCka's first"), (y, "N E", "its second"));
        var k = x.CenteredColumns().Gram();                                                 // [N, N]
        var l = y.CenteredColumns().Gram();                                                 // [N, N]
        return k.mul(l).sum().div(k.Squared().sum().mul(l.Squared().sum()).Plus(Tiny).sqrt());
    }
}
