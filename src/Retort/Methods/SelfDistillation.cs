using Retort.Runtime.Metrics;

namespace Retort.Methods;

/// <summary>Options of <see cref="SelfDistillation"/>. Defaults are those of the authors' code.</summary>
public sealed record SelfDistillationOptions : ProcedureOptions
{
    /// <summary>How many networks are trained one after another; the first learns from the labels alone.</summary>
    public int Generations { get; init => field = Require.AtLeast(2, value); } = 2;

    /// <summary>T, at which a teacher's answers are softened; 4 unless it or <see cref="MeanWeight"/> is given. The student stays at 1.</summary>
    public double? Temperature { get; init => field = value is { } given ? Require.Positive(given) : null; }

    /// <summary>α: what the teacher weighs; the labels get the rest.</summary>
    public double SoftWeight { get; init => field = Require.Share(value); } = 0.4;

    /// <summary>
    /// Instead of <see cref="Temperature"/>: every teacher has the T at which a label's weight in the mixed target,
    /// 1 − α (1 − q[y]), is this on average over the training examples. It sets the amount of smoothing equal between methods.
    /// </summary>
    public double? MeanWeight { get; init => field = value is { } given ? Require.Share(given) : null; }

    public override Procedure Build() => new SelfDistillation(this);
}

/// <summary>Every generation is a fresh network of the same build that learns from the one before it, beside the labels.</summary>
[Paper("sdls", "Zhang, Sabuncu, Self-Distillation as Instance-Specific Label Smoothing, arXiv:2006.05065", 2020)]
public sealed class SelfDistillation : Procedure
{
    readonly SelfDistillationOptions _options;

    /// <summary>Refuses two ways to a temperature.</summary>
    public SelfDistillation(SelfDistillationOptions options)
    {
        _options = options;
        if (options is { Temperature: not null, MeanWeight: not null }) throw new InvalidOperationException(
            "method.meanWeight finds the temperature: leave method.temperature out, or meanWeight.");
    }

    /// <inheritdoc/>
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
                Name = Name(g), Method = _ => new Generation(_options.SoftWeight, T), Teacher = teacher,
            });
            stages.Add(new(Name(g), Name(g - 1), T));
        }
        return new(stages);
    }

    static string Name(int generation) => FormattableString.Invariant($"generation-{generation}");

    /// <summary>The T at which the mean over labelled examples of 1 − α (1 − softmax(z / T)[y]) is the wanted one, by bisection of log T.</summary>
    internal static double Matched(Predictions teacher, double wanted, double alpha)
    {
        var (low, high) = (0.05, 1000.0);
        var (most, least) = (Weight(low), Weight(high));
        if (wanted > most || wanted < least) throw new InvalidOperationException(FormattableString.Invariant(
            $"method.meanWeight is {wanted}; with a softWeight of {alpha} this teacher's temperature can make it {least:0.###} to {most:0.###}."));
        while (high / low > 1 + 1e-12)
        {
            var middle = Math.Sqrt(low * high);
            if (Weight(middle) >= wanted) low = middle;
            else high = middle;
        }
        return Math.Sqrt(low * high);

        double Weight(double T) => 1 - alpha * (1 - Uncertainty.LabelConfidence(teacher.Values, teacher.Labels, T));
    }

    /// <summary>One generation's loss; of the first the teacher weighs nothing and is not asked.</summary>
    internal sealed class Generation(double alpha, double T) : DistillationLoss
    {
        public override RequiredOutputs Requires => new(alpha > 0 ? Output.Logits : OutputSet.None, Output.Logits);

        public override LossTerms Compute(Batch batch, Outputs teacher, Outputs student)
        {
            var labels = batch.CrossEntropy(student.Logits);
            return alpha == 0 ? new() { ["labels"] = labels } : new()
            {
                ["labels"] = labels.Times(1 - alpha),
                ["soft"] = SoftCrossEntropy(teacher.Logits.Softmax(T), student.Logits.LogSoftmax()).Times(alpha),   // the student at 1, no T²
            };
        }
    }
}
