using MathNet.Numerics.Statistics;
using static TorchSharp.torch;

namespace Retort.Tasks;

/// <summary>One or several values an example.</summary>
public sealed record RegressionOptions : TaskOptions
{
    /// <summary>The score that selects and that the verdict speaks of.</summary>
    public RegressionScore Primary { get; init; } = RegressionScore.Pearson;

    /// <inheritdoc/>
    public override LearningTask Build(DatasetInfo data) => new Regression(this, data);
}

/// <summary>Scores that can decide a regression run.</summary>
public enum RegressionScore
{
    /// <summary>Pearson's correlation.</summary>
    Pearson,

    /// <summary>Spearman's rank correlation.</summary>
    Spearman,

    /// <summary>The mean squared error: lower is better.</summary>
    Mse,
}

/// <summary>Values; scored by correlation and squared error, the mean over the values of an example.</summary>
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
    public Regression(RegressionOptions options, DatasetInfo data)
    {
        if (data.Targets != TargetKind.Values || data.Classes.Count == 0) throw new InvalidOperationException(
            $"The task \"regression\" needs data with values; this data has {TargetText.Of(data.Targets)}.");
        var primary = options.Primary.ToString().ToLowerInvariant();
        Scores = [s_all.First(score => score.Name == primary), .. s_all.Where(score => score.Name != primary)];
    }

    /// <inheritdoc/>
    public override string Name => "regression";

    /// <inheritdoc/>
    public override OutputKey Output => Contracts.Output.Logits;

    /// <inheritdoc/>
    public override IReadOnlyList<Score> Scores { get; }

    /// <inheritdoc/>
    public override Score? TieBreaker => Primary.Name == "mse" ? null : s_all[2];

    /// <inheritdoc/>
    public override bool HasTargets => true;

    /// <inheritdoc/>
    /// <remarks>The mean of (z − t)² over the known values.</remarks>
    public override Tensor SupervisedLoss(Batch batch, Outputs student) =>
        KnownMean.Of(PredictionCheck.Targets(batch, Name), known => student.Logits.Subtract(known).square());

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, double> Evaluate(
        Predictions predictions, Predictions? teacher = null, Predictions? training = null)
    {
        PredictionCheck.Finite(predictions);
        var targets = PredictionCheck.Targets(predictions);
        var columns = Enumerable.Range(0, predictions.Width)
            .Select(column => Column(predictions.Values, targets, predictions.Width, column)).ToList();
        var scores = new Dictionary<string, double>
        {
            ["pearson"] = columns.Average(one => Correlated(Correlation.Pearson(one.Predicted, one.Known))),
            ["spearman"] = columns.Average(one => Correlated(Correlation.Spearman(one.Predicted, one.Known))),
            ["mse"] = columns.Average(one => MeanSquare(one.Predicted, one.Known)),
        };
        if (teacher is null) return scores;

        PredictionCheck.SameExamples(predictions, teacher);
        scores["mse_to_teacher"] = predictions.Values.Zip(teacher.Values)
            .Average(pair => Math.Pow((double)pair.First - pair.Second, 2));
        return scores;
    }

    // a constant column has no correlation
    static double Correlated(double value) => double.IsNaN(value) ? 0 : value;

    static double MeanSquare(double[] predicted, double[] known) =>
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
