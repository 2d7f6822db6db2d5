using Retort.Report;
using Retort.Runtime.Metrics;

namespace Retort.Methods;

/// <summary>Options of <see cref="BetaSmoothing"/>. Defaults are those of the authors' code.</summary>
public sealed record BetaSmoothingOptions : LossOptions
{
    /// <summary>α: what the smoothed targets weigh; the labels get the rest. A label's mean weight is 1 − α / (a + 1).</summary>
    [Share] public double SoftWeight { get; init; } = 0.6;

    /// <summary>a of Beta(a, 1), from which the label's weights in the smoothed targets are drawn; their mean is a / (a + 1).</summary>
    [Positive] public double Concentration { get; init; } = 3;

    /// <summary>Which of a batch's weights goes to which example.</summary>
    public Order Ranking { get; init; } = Order.Ranked;

    /// <summary>Whose confidence examples are ranked by.</summary>
    public Judge RankedBy { get; init; } = Judge.Average;

    /// <summary>λ: at most so much of the average stays at each step.</summary>
    [Below1] public double EmaDecay { get; init; } = 0.999;

    /// <summary>What the average is before the first step; the authors' code has it independent.</summary>
    public EmaStart EmaStart { get; init; } = EmaStart.Copy;

    /// <summary>How the average answers.</summary>
    public EmaMode EmaMode { get; init; } = EmaMode.Train;

    public override DistillationLoss Build(MethodContext context) => new BetaSmoothing(OptionRules.Check(this));

    /// <summary>Which of a batch's weights goes to which example.</summary>
    public enum Order
    {
        /// <summary>The smallest to the example whose label is believed least: least sure, most smoothed.</summary>
        Ranked,

        /// <summary>As they are drawn: the paper's ablation, the same weights without the ranking.</summary>
        Random,

        /// <summary>The smallest to the example whose label is believed most.</summary>
        Reversed,
    }

    /// <summary>Whose confidence examples are ranked by.</summary>
    public enum Judge
    {
        /// <summary>The student's moving average.</summary>
        Average,

        /// <summary>The student as it is at this step.</summary>
        Student,
    }
}

/// <summary>
/// Label smoothing of which every example gets its own amount, as from a teacher, without one: a batch's amounts are drawn
/// from a Beta distribution, and the examples that the student's moving average is least sure of are smoothed most.
/// </summary>
/// <remarks>Differs from the authors' code: the average starts as a copy; unlabelled examples take no part in the ranking.</remarks>
[Paper("beta", "Zhang, Sabuncu, Self-Distillation as Instance-Specific Label Smoothing, arXiv:2006.05065", 2020)]
public sealed class BetaSmoothing : DistillationLoss
{
    readonly BetaSmoothingOptions _options;

    /// <summary>Refuses options that would count for nothing beside the others.</summary>
    public BetaSmoothing(BetaSmoothingOptions options)
    {
        _options = options;
        var usual = new BetaSmoothingOptions();
        if (options.Ranking == BetaSmoothingOptions.Order.Random && options.RankedBy != usual.RankedBy) throw new InvalidOperationException(
            "method.rankedBy counts for nothing where method.ranking is \"random\": leave one of them out.");
        if (!AsksAverage && (options.EmaDecay, options.EmaStart, options.EmaMode) != (usual.EmaDecay, usual.EmaStart, usual.EmaMode)) throw new InvalidOperationException(
            "method.emaDecay, emaStart and emaMode count for nothing where no average ranks the examples: leave them out, or ranking and rankedBy.");
    }

    public override RequiredOutputs Requires => new(Teacher: OutputSet.None, Student: Output.Logits, Ema: AsksAverage ? Output.Logits : OutputSet.None);

    public override EmaSettings Ema => new(_options.EmaDecay, _options.EmaStart, _options.EmaMode);

    bool AsksAverage => _options is { Ranking: not BetaSmoothingOptions.Order.Random, RankedBy: BetaSmoothingOptions.Judge.Average };

    public override LossTerms Compute(Batch batch, Outputs teacher, Outputs student)
    {
        var b = Weights(batch, AsksAverage ? student.Ema.Logits : student.Logits).ToTensor(batch.Count).to(batch.Labels.device);   // [B]
        return new()
        {
            ["labels"] = batch.CrossEntropy(student.Logits).Times(1 - _options.SoftWeight),
            ["smoothed"] = batch.SmoothedCrossEntropy(student.Logits, b).Times(_options.SoftWeight),
        };
    }

    /// <summary>The labels' weights in the smoothed targets; 1, which counts for nothing, where there is no label.</summary>
    float[] Weights(Batch batch, Tensor judge)
    {
        var (labels, others, logits) = (batch.Labels.ToLongArray(), batch.OtherLabels?.ToLongArray(), judge.ToFloatArray());
        var known = Enumerable.Range(0, batch.Count).Where(i => labels[i] >= 0 || others?[i] >= 0).ToArray();
        var classes = logits.Length / batch.Count;
        var scores = Array.ConvertAll(known, i =>                           // s_i: the probability of the true class
            batch.LabelShare * Probability(i, labels[i]) + (1 - batch.LabelShare) * (others is null ? 0 : Probability(i, others[i])));
        var drawn = Assigned(scores, Draws(batch.Random, known.Length, _options.Concentration), _options.Ranking);
        var weights = Enumerable.Repeat(1f, batch.Count).ToArray();
        for (var k = 0; k < known.Length; k++) weights[known[k]] = (float)drawn[k];
        return weights;

        double Probability(int i, long label) => label < 0 ? 0 : Math.Exp(LogitRows.LogProbability(logits.AsSpan(i * classes, classes), (int)label));
    }

    /// <summary>Draws from Beta(a, 1), by the inverse of its distribution function: U^(1/a).</summary>
    internal static double[] Draws(RandomStream chance, int count, double a)
    {
        var draws = new double[count];
        for (var i = 0; i < count; i++) draws[i] = Math.Pow(chance.Uniform(), 1 / a);
        return draws;
    }

    /// <summary>Each example's draw: the k-th smallest goes to the k-th lowest score; of equal scores the first example's is lower.</summary>
    internal static double[] Assigned(double[] scores, double[] draws, BetaSmoothingOptions.Order ranking)
    {
        if (ranking == BetaSmoothingOptions.Order.Random) return draws;
        var order = Enumerable.Range(0, scores.Length).OrderBy(i => scores[i]).ToArray();
        var sorted = ranking == BetaSmoothingOptions.Order.Ranked ? draws.Order().ToArray() : [.. draws.OrderDescending()];
        var assigned = new double[draws.Length];
        for (var k = 0; k < order.Length; k++) assigned[order[k]] = sorted[k];
        return assigned;
    }
}
