using MathNet.Numerics.Statistics;

namespace Retort.Tasks;

/// <summary>One or several values for each example.</summary>
public sealed record RegressionOptions : TaskOptions
{
    /// <summary>The score that selects weights and that reports compare by.</summary>
    public RegressionScore Primary { get; init; } = RegressionScore.Pearson;

    public override LearningTask Build(DatasetInfo info) => new Regression(this, info);
}

/// <summary>
/// Values, scored by correlation and squared error. With several values a score is the mean over them.
/// </summary>
public sealed class Regression : LearningTask
{
    static readonly Score[] s_all =
    [
        new("pearson", "Pearson correlation", ScoreUnit.Number),
        new("spearman", "Spearman correlation", ScoreUnit.Number),
        new("mse", "MSE", ScoreUnit.Number, HigherIsBetter: false),
        new("mse_to_teacher", "MSE to the teacher", ScoreUnit.Number, HigherIsBetter: false),
    ];

    /// <summary>Refuses data without values.</summary>
    public Regression(RegressionOptions options, DatasetInfo info)
    {
        if (info.Targets != TargetKind.Values || info.Classes.Count == 0) throw new InvalidOperationException(
            $"The task \"regression\" needs data with values; this data has {TargetText.Of(info.Targets)}.");
        var primary = options.Primary.ToString().ToLowerInvariant();
        Scores = [s_all.First(score => score.Name == primary), .. s_all.Where(score => score.Name != primary)];
    }

    public override string Name => "regression";

    public override OutputKey Output => Contracts.Output.Logits;

    public override IReadOnlyList<Score> Scores { get; }

    public override Score? TieBreaker => Primary.Name == "mse" ? null : s_all[2];

    public override bool HasTargets => true;

    /// <inheritdoc/>
    /// <remarks>The mean of (z − t)² over the known values.</remarks>
    public override Tensor SupervisedLoss(Batch batch, Outputs student) =>
        KnownMean.Of(PredictionCheck.Targets(batch, Name), known => student.Logits.Subtract(known).Squared());

    public override IReadOnlyDictionary<string, double> Evaluate(
        Predictions predictions, Predictions? teacher = null, Predictions? training = null)
    {
        PredictionCheck.Finite(predictions);
        var targets = PredictionCheck.Targets(predictions);
        var columns = Enumerable.Range(0, predictions.Width)
            .Select(column => Column(predictions.Values, targets, predictions.Width, column)).ToList();
        var scores = new Dictionary<string, double>
        {
            ["pearson"] = columns.Average(one => OrZero(Correlation.Pearson(one.Predicted, one.Known))),
            ["spearman"] = columns.Average(one => OrZero(Correlation.Spearman(one.Predicted, one.Known))),
            ["mse"] = columns.Average(one => MeanSquaredError(one.Predicted, one.Known)),
        };
        if (teacher is null) return scores;

        PredictionCheck.SameExamples(predictions, teacher);
        scores["mse_to_teacher"] = predictions.Values.Zip(teacher.Values)
            .Average(pair => Math.Pow((double)pair.First - pair.Second, 2));
        return scores;
    }

    internal override TaskDetails Details(RunPredictions run)
    {
        var details = TargetDetails.Of(this, run, s_all[..3], countsPositive: false);
        return new(details,
            [new("Values", TargetSections.Scatter(run), TargetSections.Table("Value", details, s_all[..3]))]);
    }

    // a constant column has no correlation
    static double OrZero(double value) => double.IsNaN(value) ? 0 : value;

    static double MeanSquaredError(double[] predicted, double[] known) =>
        known.Length == 0 ? 0 : predicted.Zip(known).Average(pair => Math.Pow(pair.First - pair.Second, 2));

    static (double[] Predicted, double[] Known) Column(float[] values, float[] targets, int width, int column)
    {
        List<double> predicted = [], known = [];
        for (var i = column; i < values.Length; i += width)
        {
            if (float.IsNaN(targets[i])) continue;

            predicted.Add(values[i]);
            known.Add(targets[i]);
        }
        return ([.. predicted], [.. known]);
    }
}
