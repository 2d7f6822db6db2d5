namespace Retort.Runtime.Metrics;

/// <summary>How often each label got each predicted class.</summary>
public sealed class ConfusionMatrix
{
    readonly long[][] _counts;                                              // [label][predicted]

    ConfusionMatrix(long[][] counts) => _counts = counts;

    /// <summary>Counts the largest logit of each example.</summary>
    /// <param name="logits">Row by row. [N, C]</param>
    /// <param name="labels">Class numbers. [N]</param>
    public static ConfusionMatrix Of(ReadOnlySpan<float> logits, ReadOnlySpan<long> labels)
    {
        var classes = LogitRows.CheckClasses(logits, labels.Length);
        var counts = Enumerable.Range(0, classes).Select(_ => new long[classes]).ToArray();
        for (var i = 0; i < labels.Length; i++)
            counts[LogitRows.CheckLabel(labels[i], i, classes)][LogitRows.ArgMax(logits.Slice(i * classes, classes))]++;
        return new(counts);
    }

    /// <summary>
    /// The mean over classes of 2 TP / (2 TP + FP + FN); a class that is neither there nor predicted counts 0.
    /// </summary>
    public double MacroF1 => Enumerable.Range(0, _counts.Length).Average(F1);

    /// <summary>
    /// Matthews' correlation coefficient, for several classes R_K (Gorodkin 2004, Comput. Biol. Chem. 28, eq. 8):
    /// (N Σ_k TP_k − Σ_k t_k p_k) / √((N² − Σ p_k²)(N² − Σ t_k²)), t_k labels and p_k predictions of class k. 0 where
    /// all labels or all predictions are of one class.
    /// </summary>
    public double Mcc
    {
        get
        {
            var (all, right, product, labels, predicted) = (0.0, 0.0, 0.0, 0.0, 0.0);
            for (var k = 0; k < _counts.Length; k++)
            {
                double t = _counts[k].Sum(), p = _counts.Sum(row => row[k]);
                all += t;
                right += _counts[k][k];
                product += t * p;
                labels += t * t;
                predicted += p * p;
            }
            var spread = (all * all - predicted) * (all * all - labels);
            return spread > 0 ? (all * right - product) / Math.Sqrt(spread) : 0;
        }
    }

    /// <summary>
    /// The F1 of one class: 2 TP / (2 TP + FP + FN); 0 for a class that is neither there nor predicted.
    /// </summary>
    /// <param name="k">The class.</param>
    public double F1(int k)
    {
        var wrong = _counts[k].Sum() + _counts.Sum(row => row[k]) - 2 * _counts[k][k];
        return wrong + _counts[k][k] == 0 ? 0 : 2.0 * _counts[k][k] / (2 * _counts[k][k] + wrong);
    }
}
