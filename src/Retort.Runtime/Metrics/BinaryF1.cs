namespace Retort.Runtime.Metrics;

/// <summary>F1 of yes-or-no decisions: 2 TP / (2 TP + FP + FN), a logit above 0 being yes.</summary>
public static class BinaryF1
{
    /// <summary>The mean over labels, and of all decisions together; NaN labels are left out.</summary>
    /// <param name="logits">[N, C]</param>
    /// <param name="labels">0, 1 or NaN. [N, C]</param>
    /// <param name="width">C.</param>
    public static (double Macro, double Micro) MacroAndMicro(float[] logits, float[] labels, int width)
    {
        var (right, wrong) = (new long[width], new long[width]);            // TP, FP + FN
        for (var i = 0; i < logits.Length; i++)
        {
            if (float.IsNaN(labels[i])) continue;

            var (yes, positive) = (logits[i] > 0, labels[i] > 0.5f);
            if (yes && positive) right[i % width]++;
            else if (yes != positive) wrong[i % width]++;
        }
        return (
            Enumerable.Range(0, width).Average(column => F1(right[column], wrong[column])),
            F1(right.Sum(), wrong.Sum()));
    }

    static double F1(long right, long wrong) => right + wrong == 0 ? 0 : 2.0 * right / (2 * right + wrong);
}
