using Retort.Runtime.Metrics;

namespace Retort.Methods;

/// <summary>Options of <see cref="BetaSmoothing"/>. Defaults are those of the authors' code.</summary>
public sealed record BetaSmoothingOptions : LossOptions, IValidated
{
    /// <summary>α: the weight of the smoothed targets; the labels get the rest.</summary>
    [Share] public double SoftWeight { get; init; } = 0.6;

    /// <summary>
    /// a of Beta(a, 1): smoothed targets give each label a weight drawn from it, on average a / (a + 1).
    /// </summary>
    [Positive] public double Concentration { get; init; } = 3;

    /// <summary>Which of a batch's drawn weights goes to which example.</summary>
    public Order Ranking { get; init; } = Order.Ranked;

    /// <summary>The network whose confidence ranks the examples.</summary>
    public RankingNetwork RankedBy { get; init; } = RankingNetwork.Average;

    /// <summary>λ: the largest share of the moving average that remains at each step.</summary>
    [LessThanOne] public double EmaDecay { get; init; } = 0.999;

    /// <summary>The moving average before the first step; independent in the authors' code.</summary>
    public EmaStart EmaStart { get; init; } = EmaStart.Copy;

    /// <summary>The mode of the moving average's forward.</summary>
    public EmaMode EmaMode { get; init; } = EmaMode.Train;

    internal bool UsesAverage => Ranking != Order.Random && RankedBy == RankingNetwork.Average;

    public override DistillationLoss Build(MethodContext context)
    {
        context.Task.RequireClassProbabilities("beta");
        return new BetaSmoothing(OptionRules.Check(this));
    }

    /// <summary>Refuses options that have no effect together with the others.</summary>
    public OptionError? Validate()
    {
        var usual = new BetaSmoothingOptions();
        if (Ranking == Order.Random && RankedBy != usual.RankedBy)
            return new(nameof(RankedBy), "has no effect where ranking is \"random\": leave one of them out.");

        var unused = UsesAverage ? null
            : EmaDecay != usual.EmaDecay ? nameof(EmaDecay)
            : EmaStart != usual.EmaStart ? nameof(EmaStart)
            : EmaMode != usual.EmaMode ? nameof(EmaMode)
            : null;
        return unused is null ? null : new(unused,
            "has no effect where no average ranks the examples: leave it out, or ranking and rankedBy.");
    }

    /// <summary>Which of a batch's drawn weights goes to which example.</summary>
    public enum Order
    {
        /// <summary>The smallest to the example whose label has the lowest probability: it is smoothed most.</summary>
        Ranked,

        /// <summary>As they are drawn: the paper's ablation, the same weights without the ranking.</summary>
        Random,

        /// <summary>The smallest to the example whose label has the highest probability.</summary>
        Reversed,
    }

    /// <summary>The network whose confidence ranks the examples.</summary>
    public enum RankingNetwork
    {
        /// <summary>The student's moving average.</summary>
        Average,

        /// <summary>The student as it is at this step.</summary>
        Student,
    }
}

/// <summary>
/// Label smoothing with an amount for each example, as a teacher would give it, but without a teacher: a batch's
/// amounts are drawn from a Beta distribution, and the examples of which the student's moving average is least sure get
/// most.
/// </summary>
/// <remarks>Differs from the authors' code: the average starts as a copy; unlabelled examples are not ranked.</remarks>
[Paper("beta", "Zhang, Sabuncu, Self-Distillation as Instance-Specific Label Smoothing, arXiv:2006.05065", 2020)]
public sealed class BetaSmoothing(BetaSmoothingOptions options) : DistillationLoss
{
    public override RequiredOutputs Requires => new(
        Teacher: OutputSet.None, Student: Output.Logits, Ema: options.UsesAverage ? Output.Logits : OutputSet.None);

    public override EmaSettings Ema => new(options.EmaDecay, options.EmaStart, options.EmaMode);

    public override LossTerms Compute(Batch batch, Outputs teacher, Outputs student)
    {
        var z = options.UsesAverage ? student.Ema.Logits : student.Logits;          // [B, C]
        var b = LabelWeights(batch, z).ToTensor(batch.Count).to(batch.Labels.device);   // [B]
        return new()
        {
            ["labels"] = batch.CrossEntropy(student.Logits).Times(1 - options.SoftWeight),
            ["smoothed"] = batch.SmoothedCrossEntropy(student.Logits, b).Times(options.SoftWeight),
        };
    }

    /// <summary>b: the labels' weights in the smoothed targets; 1, which has no effect, without a label. [B]</summary>
    float[] LabelWeights(Batch batch, Tensor z)
    {
        var labels = batch.Labels.ToLongArray();
        var otherLabels = batch.OtherLabels?.ToLongArray();
        var logits = z.ToFloatArray();
        var classes = logits.Length / batch.Count;
        var labelled = Enumerable.Range(0, batch.Count).Where(i => labels[i] >= 0 || otherLabels?[i] >= 0).ToArray();
        var scores = Array.ConvertAll(labelled, Score);
        var draws = Draws(batch.Random, labelled.Length, options.Concentration);

        var assigned = Assigned(scores, draws, options.Ranking);
        var weights = Enumerable.Repeat(1f, batch.Count).ToArray();
        for (var k = 0; k < labelled.Length; k++) weights[labelled[k]] = (float)assigned[k];
        return weights;

        // s_i: the probability of the true class
        double Score(int i) => batch.LabelShare * Probability(i, labels[i])
            + (1 - batch.LabelShare) * (otherLabels is null ? 0 : Probability(i, otherLabels[i]));

        double Probability(int i, long label) => label < 0 ? 0
            : Math.Exp(LogitRows.LogProbability(logits.AsSpan(i * classes, classes), (int)label));
    }

    /// <summary>Draws from Beta(a, 1) by the inverse of its distribution function: U^(1/a).</summary>
    internal static double[] Draws(RandomStream random, int count, double a)
    {
        var draws = new double[count];
        for (var i = 0; i < count; i++) draws[i] = Math.Pow(random.Uniform(), 1 / a);
        return draws;
    }

    /// <summary>Each example's draw: the k-th smallest for the k-th lowest score; equal scores stay in order.</summary>
    internal static double[] Assigned(double[] scores, double[] draws, BetaSmoothingOptions.Order ranking)
    {
        if (ranking == BetaSmoothingOptions.Order.Random) return draws;

        var order = Enumerable.Range(0, scores.Length).OrderBy(i => scores[i]).ToArray();
        double[] sorted = ranking == BetaSmoothingOptions.Order.Ranked
            ? [.. draws.Order()]
            : [.. draws.OrderDescending()];
        var assigned = new double[draws.Length];
        for (var k = 0; k < order.Length; k++) assigned[order[k]] = sorted[k];
        return assigned;
    }
}
