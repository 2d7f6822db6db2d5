using static Retort.Methods.ContextualRelationsOptions;

namespace Retort.Methods;

/// <remarks>This file: the losses on relations.</remarks>
public sealed partial class ContextualRelations
{
    /// <summary>
    /// The relations among the points of each group, of teacher and student: cosines of pairs and angles of triples.
    /// The points are the words of a text at one layer, or the layers of one word. G groups, N points.
    /// </summary>
    /// <param name="Teacher">[G, N, Dt], at least float32</param>
    /// <param name="Student">[G, N, Ds], at least float32</param>
    /// <param name="Real">False at padding. [G, N] bool</param>
    internal readonly record struct Relations(Tensor Teacher, Tensor Student, Tensor Real)
    {
        const double Coincident = 1e-6;                                         // a distance of less has no direction

        /// <summary>Among the words of a text, layer by layer. [B, M, T, Dt], [B, M, T, Ds], [B, T] bool</summary>
        public static Relations OfWords(Tensor teacher, Tensor student, Tensor mask)
        {
            var layers = teacher.size(1);
            return new(teacher.flatten(0, 1), student.flatten(0, 1),            // [B·M, T, D]
                mask.unsqueeze(1).expand(-1, layers, -1).flatten(0, 1));        // [B·M, T]
        }

        /// <summary>Among the layers of a word, word by word. [B, M, T, Dt], [B, M, T, Ds], [B, T] bool</summary>
        public static Relations OfLayers(Tensor teacher, Tensor student, Tensor mask)
        {
            var layers = teacher.size(1);
            return new(teacher.transpose(1, 2).flatten(0, 1), student.transpose(1, 2).flatten(0, 1),  // [B·T, M, D]
                mask.unsqueeze(2).expand(-1, -1, layers).flatten(0, 1));        // [B·T, M]
        }

        /// <summary>
        /// KL divergence of teacher and student, for each point, of the softmax over its cosines to the other points.
        /// []
        /// </summary>
        public Tensor PairLoss(double temperature, RelationNormalization normalization)
        {
            var n = Real.size(1);
            using var same = torch.eye(n, dtype: torch.ScalarType.Bool, device: Real.device);
            var pairs = Both(Real.unsqueeze(2), Real.unsqueeze(1), same.logical_not());     // [G, N, N]
            var logP = LogSimilarity(Masked(Teacher));                                      // [G, N, N]
            var logQ = LogSimilarity(Masked(Student));                                      // [G, N, N]
            var sum = logP.exp().mul(logP.Subtract(logQ)).Where(pairs, 0).sum();
            var count = normalization == RelationNormalization.Released
                ? Real.MaskToWeights(sum.dtype).Sum(1).Squared().sum()
                : pairs.MaskToWeights(sum.dtype).sum();
            return sum.DividedBy(count.AtLeastOne());

            Tensor LogSimilarity(Tensor x)
            {
                var unit = x.UnitRows();
                return unit.bmm(unit.transpose(1, 2)).Where(pairs, -1e9).LogSoftmax(temperature);
            }
        }

        /// <summary>
        /// The mean squared difference of the cosines of the angles at each point j, between the directions to i and k.
        /// []
        /// </summary>
        /// <param name="window">How many points i and k are chosen from, with j in the middle; null for all.</param>
        /// <param name="normalization">What the sum is divided by.</param>
        public Tensor TripleLoss(int? window, RelationNormalization normalization)
        {
            var isReleased = normalization == RelationNormalization.Released;
            var near = Neighbors.Of((int)Real.size(1), window, isReleased, Real.device);
            var valid = ValidTriples(near, isReleased, onlyVertex: isReleased && window is not null);
            var (t, s) = isReleased ? (Teacher, Student) : (Masked(Teacher), Masked(Student));
            var difference = Angles(s, near).Subtract(Angles(t, near));                     // [G, N, W, W]
            var sum = difference.Squared().Where(valid, 0).sum();
            return sum.DividedBy(valid.MaskToWeights(sum.dtype).sum().AtLeastOne());
        }

        // padding becomes 0: not even NaN in it affects values or gradients
        Tensor Masked(Tensor x) => x.Where(Real.unsqueeze(2), 0);

        Tensor ValidTriples(Neighbors near, bool isReleased, bool onlyVertex)
        {
            var w = near.Inside.size(1);
            var vertices = Real.unsqueeze(2).unsqueeze(3);                                  // [G, N, 1, 1]
            if (onlyVertex) return vertices.expand(-1, -1, w, w);

            var points = near.Take(Real).logical_and(near.Inside);                          // [G, N, W]
            var triples = Both(points.unsqueeze(3), points.unsqueeze(2), vertices);         // [G, N, W, W]
            if (isReleased) return triples;

            using var same = torch.eye(w, dtype: torch.ScalarType.Bool, device: Real.device);
            return triples.logical_and(same.logical_not());
        }

        /// <summary>
        /// cos ∠(i, j, k) by the law of cosines, so that only distances are gathered; 0 where i or k coincides with j.
        /// [G, N, D] → [G, N, W, W] with axes g, j, i, k
        /// </summary>
        static Tensor Angles(Tensor x, Neighbors near)
        {
            var distances = DistanceMatrix(x);                                              // [G, N, N]
            var toVertex = near.Take(distances);                                            // [G, N, W]
            var opposite = near.TakePairs(distances).Squared();                              // [G, N or 1, W, W]
            using var limit = Coincident.ToScalar();
            var apart = toVertex.gt(limit);                                                 // [G, N, W]
            var squares = toVertex.Squared();
            var products = squares.unsqueeze(3).Add(squares.unsqueeze(2)).Subtract(opposite).Times(0.5);
            var lengths = toVertex.Where(apart, 1);
            return products.DividedBy(lengths.unsqueeze(3).mul(lengths.unsqueeze(2)))
                .Where(apart.unsqueeze(3).logical_and(apart.unsqueeze(2)), 0);
        }

        static Tensor Both(Tensor one, Tensor other, Tensor condition) => one.logical_and(other).logical_and(condition);
    }
}
