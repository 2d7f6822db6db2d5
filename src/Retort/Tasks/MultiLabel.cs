using Retort.Runtime.Metrics;
using static TorchSharp.torch;

namespace Retort.Tasks;

/// <summary>Any number of labels for each example.</summary>
public sealed record MultiLabelOptions : TaskOptions
{
    /// <summary>The score that selects weights and that reports compare by.</summary>
    public MultiLabelScore Primary { get; init; } = MultiLabelScore.MacroAuprc;

    public override LearningTask Build(DatasetInfo info) => new MultiLabel(this, info);
}

/// <summary>Labels that are independent of each other: a sigmoid for each logit, binary cross-entropy.</summary>
public sealed class MultiLabel : LearningTask
{
    static readonly Score[] s_all =
    [
        new("macro_auprc", "macro AUPRC", ScoreUnit.Percent),
        new("micro_auprc", "micro AUPRC", ScoreUnit.Percent),
        new("macro_f1", "macro F1", ScoreUnit.Percent),
        new("micro_f1", "micro F1", ScoreUnit.Percent),
        new("bce", "BCE", ScoreUnit.Nats, HigherIsBetter: false),
        new("agreement", "agreement with the teacher", ScoreUnit.Percent),
    ];

    /// <summary>Refuses data without labels of this kind.</summary>
    public MultiLabel(MultiLabelOptions options, DatasetInfo info)
    {
        if (info.Targets != TargetKind.Labels || info.Classes.Count == 0) throw new InvalidOperationException(
            "The task \"multi-label\" needs data with several labels per example; "
            + $"this data has {TargetText.Of(info.Targets)}.");
        var primary = options.Primary switch
        {
            MultiLabelScore.MicroAuprc => "micro_auprc",
            MultiLabelScore.MacroF1 => "macro_f1",
            MultiLabelScore.MicroF1 => "micro_f1",
            _ => "macro_auprc",
        };
        Scores = [s_all.First(score => score.Name == primary), .. s_all.Where(score => score.Name != primary)];
    }

    public override string Name => "multi-label";

    public override OutputKey Output => Contracts.Output.Logits;

    public override IReadOnlyList<Score> Scores { get; }

    public override Score? TieBreaker => s_all.First(score => score.Name == "bce");

    public override bool HasTargets => true;

    /// <inheritdoc/>
    /// <remarks>The mean over the known labels of −t log σ(z) − (1 − t) log(1 − σ(z)).</remarks>
    public override Tensor SupervisedLoss(Batch batch, Outputs student)
    {
        var targets = PredictionCheck.Targets(batch, Name);                 // [B, C], NaN where unknown
        return KnownMean.Of(targets, known => nn.functional.binary_cross_entropy_with_logits(
            student.Logits, known, reduction: nn.Reduction.None));
    }

    public override IReadOnlyDictionary<string, double> Evaluate(
        Predictions predictions, Predictions? teacher = null, Predictions? training = null)
    {
        PredictionCheck.Finite(predictions);
        var (logits, targets, width) = (predictions.Values, PredictionCheck.Targets(predictions), predictions.Width);
        var (macroAuprc, microAuprc) = AveragePrecision.MacroAndMicro(logits, targets, width);
        var (macroF1, microF1) = BinaryF1.MacroAndMicro(logits, targets, width);
        var scores = new Dictionary<string, double>
        {
            ["macro_auprc"] = macroAuprc,
            ["micro_auprc"] = microAuprc,
            ["macro_f1"] = macroF1,
            ["micro_f1"] = microF1,
            ["bce"] = Bce(logits, targets),
        };
        if (teacher is not null)
        {
            PredictionCheck.SameExamples(predictions, teacher);
            var same = logits.Zip(teacher.Values).Count(pair => pair.First > 0 == pair.Second > 0);
            scores["agreement"] = (double)same / logits.Length;
        }
        return scores;
    }

    internal override TaskDetails Details(RunPredictions run)
    {
        Score[] scores = [s_all[0] with { Title = "AUPRC" }, s_all[2] with { Title = "F1" }];
        var details = TargetDetails.Of(this, run, scores, countsPositive: true);
        return new(details, [new("Labels", TargetSections.Table("Label", details, scores))]);
    }

    // softplus(z) − t z, without overflow
    static double Bce(float[] logits, float[] targets)
    {
        var (sum, count) = (0.0, 0);
        for (var i = 0; i < logits.Length; i++)
        {
            if (float.IsNaN(targets[i])) continue;

            var z = (double)logits[i];
            sum += Math.Max(z, 0) + Math.Log(1 + Math.Exp(-Math.Abs(z))) - targets[i] * z;
            count++;
        }
        return sum / Math.Max(count, 1);
    }
}
