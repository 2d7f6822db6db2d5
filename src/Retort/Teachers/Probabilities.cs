namespace Retort.Teachers;

/// <summary>Tells probabilities from logits, and makes logits of them.</summary>
static class Probabilities
{
    const float Smallest = 1.17549435e-38f;                                // 0 would be -∞: log of this is -87.3
    const double SumTolerance = 0.01;                                      // of a softmax in float16 or int8
    const int FewestRows = 4;                                              // two logits of two rows agree by accident

    /// <summary>
    /// The final activation that these outputs look like: softmax where each row of two or more is not negative and
    /// sums to 1, sigmoid where labels are all from 0 to 1; none otherwise. [B, C]
    /// </summary>
    public static FinalActivation Detect(Tensor values, TargetKind targets)
    {
        var (numbers, classes) = (values.ToFloatArray(), (int)values.size(1));
        if (Array.Exists(numbers, number => !(number >= 0 && number <= 1 + SumTolerance))) return FinalActivation.None;
        if (targets == TargetKind.Labels) return FinalActivation.Sigmoid;

        var isSoftmax = targets == TargetKind.Class && classes > 1
            && numbers.Chunk(classes).All(row => Math.Abs(row.Sum() - 1) < SumTolerance);
        return isSoftmax ? FinalActivation.Softmax : FinalActivation.None;
    }

    /// <summary>
    /// The sum of each row where none is negative and all rows have the same sum, which is not 1: percentages, or
    /// probabilities with something added. Null otherwise, for fewer than four rows, and where all rows are equal, as
    /// those of a network whose hidden units are all zero. [B, C]
    /// </summary>
    public static double? CommonSum(Tensor values)
    {
        var (numbers, classes) = (values.ToFloatArray(), (int)values.size(1));
        if (classes < 2 || values.size(0) < FewestRows || Array.Exists(numbers, number => !(number >= 0))) return null;

        float[][] rows = [.. numbers.Chunk(classes)];
        if (Array.TrueForAll(rows, row => row.SequenceEqual(rows[0]))) return null;

        double[] sums = [.. rows.Select(row => (double)row.Sum())];
        var first = sums[0];
        return first > 0 && Math.Abs(first - 1) >= SumTolerance
            && sums.All(sum => Math.Abs(sum - first) < SumTolerance * first) ? first : null;
    }

    /// <summary>Logits whose activation these probabilities are. [B, C] → [B, C] float32</summary>
    /// <exception cref="InvalidDataException">They are no probabilities.</exception>
    public static Tensor ToLogits(Tensor values, FinalActivation activation, string source)
    {
        var numbers = values.ToFloatArray();
        foreach (var number in numbers)
            if (number is < 0 or > 1.01f) throw new InvalidDataException(Invariant(
                $"{source} must return probabilities from 0 to 1, as the option \"finalActivation\" says; one is ")
                + Invariant($"{number}."));
        if (activation == FinalActivation.Softmax) CheckSums(numbers, (int)values.size(1), source);

        for (var i = 0; i < numbers.Length; i++) numbers[i] = activation == FinalActivation.Softmax
            ? LogOf(numbers[i]) : LogOf(numbers[i]) - LogOf(1 - numbers[i]);
        return numbers.ToTensor(values.shape).to(values.device);
    }

    static void CheckSums(float[] numbers, int classes, string source)
    {
        foreach (var row in numbers.Chunk(classes))
            if (Math.Abs(row.Sum() - 1) > SumTolerance) throw new InvalidDataException(Invariant(
                $"{source} must return rows that sum to 1, as the option \"finalActivation\" of softmax says; one ")
                + Invariant($"sums to {row.Sum()}."));
    }

    // NaN stays NaN
    static float LogOf(float probability) => MathF.Log(probability < Smallest ? Smallest : probability);
}
