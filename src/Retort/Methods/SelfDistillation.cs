using Retort.Runtime.Metrics;

namespace Retort.Methods;

/// <summary>Options of <see cref="SelfDistillation"/>. Defaults are those of the authors' code.</summary>
public sealed record SelfDistillationOptions : ProcedureOptions, IValidated
{
    /// <summary>How many networks are trained one after another; the first learns from the labels alone.</summary>
    [AtLeast(2)] public int Generations { get; init; } = 2;

    /// <summary>
    /// T: the temperature of a teacher's logits; 4 unless it or <see cref="MeanWeight"/> is given. The student's
    /// temperature is 1.
    /// </summary>
    [Positive] public double? Temperature { get; init; }

    /// <summary>α: the weight of the teacher's term; the labels get the rest.</summary>
    [Share] public double SoftWeight { get; init; } = 0.4;

    /// <summary>
    /// Replaces <see cref="Temperature"/>: each teacher gets the T at which a label's weight in the mixed target,
    /// 1 − α (1 − q[y]), has this mean over the training examples. Methods with the same mean smooth equally much.
    /// </summary>
    [Share] public double? MeanWeight { get; init; }

    public override Procedure Build() => new SelfDistillation(this);

    public OptionError? Validate() => Temperature is null || MeanWeight is null ? null
        : new(nameof(MeanWeight), Invariant(
            $"finds the temperature and must be left out where temperature is given; it is {MeanWeight}."));
}

/// <summary>
/// Every generation is a new network of the same architecture that learns from the generation before it, together with
/// the labels.
/// </summary>
[Paper("sdls", "Zhang, Sabuncu, Self-Distillation as Instance-Specific Label Smoothing, arXiv:2006.05065", 2020)]
public sealed class SelfDistillation : Procedure
{
    readonly SelfDistillationOptions _options;

    /// <summary>Checks the options.</summary>
    public SelfDistillation(SelfDistillationOptions options) => _options = OptionRules.Check(options);

    public override void Check(LearningTask task) => task.RequireClassProbabilities("sdls");

    public override ProcedureResult Run(ProcedureContext context)
    {
        var teacher = context.Train(new() { Name = Name(0), Method = _ => new Generation(0, 1) });
        List<Stage> stages = [new(Name(0))];
        for (var g = 1; g < _options.Generations; g++)
        {
            var T = _options.MeanWeight is { } mean
                ? Matched(context.Predict(teacher, context.Training), mean, _options.SoftWeight)
                : _options.Temperature ?? 4;
            teacher = context.Train(new()
            {
                Name = Name(g),
                Method = _ => new Generation(_options.SoftWeight, T),
                Teacher = teacher,
            });
            stages.Add(new(Name(g), Name(g - 1), T));
        }
        return new(stages);
    }

    static string Name(int generation) => Invariant($"generation-{generation}");

    /// <summary>
    /// The T at which the mean over labelled examples of 1 − α (1 − softmax(z / T)[y]) is the wanted one, by bisection
    /// of log T.
    /// </summary>
    internal static double Matched(Predictions teacher, double wanted, double alpha)
    {
        var (low, high) = (0.05, 1000.0);
        var (most, least) = (Weight(low), Weight(high));
        if (wanted > most || wanted < least) throw new InvalidOperationException(Invariant(
            $"method.meanWeight is {wanted}; with a softWeight of {alpha} ")
            + Invariant($"this teacher's temperature can make it {least:0.###} to {most:0.###}."));

        while (high / low > 1 + 1e-12)
        {
            var middle = Math.Sqrt(low * high);
            if (Weight(middle) >= wanted) low = middle;
            else high = middle;
        }
        return Math.Sqrt(low * high);

        double Weight(double T) => 1 - alpha * (1 - Uncertainty.LabelConfidence(teacher.Values, teacher.Labels, T));
    }

    /// <summary>The loss of one generation; the first has a teacher weight of 0 and needs no teacher.</summary>
    internal sealed class Generation(double alpha, double T) : DistillationLoss
    {
        public override RequiredOutputs Requires => new(alpha > 0 ? Output.Logits : OutputSet.None, Output.Logits);

        public override LossTerms Compute(Batch batch, Outputs teacher, Outputs student)
        {
            var labels = batch.CrossEntropy(student.Logits);
            if (alpha == 0) return new() { ["labels"] = labels };

            var q = teacher.Logits.Softmax(T);                              // [B, C]
            var logP = student.Logits.LogSoftmax();                         // [B, C]   the student at T = 1, no T²
            return new()
            {
                ["labels"] = labels.Times(1 - alpha),
                ["soft"] = SoftCrossEntropy(q, logP).Times(alpha),
            };
        }
    }
}
