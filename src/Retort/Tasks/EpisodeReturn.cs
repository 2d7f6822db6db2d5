namespace Retort.Tasks;

/// <summary>The return of episodes in the recipe's environment.</summary>
public sealed record ReturnOptions : TaskOptions
{
    public override LearningTask Build(DatasetInfo info) => new EpisodeReturn(info);
}

/// <summary>
/// A policy in an environment, scored by the sum of the rewards of an episode: the mean over the episodes that are
/// evaluated, without exploration.
/// </summary>
public sealed class EpisodeReturn : LearningTask
{
    readonly ActionSpace _actions;

    /// <summary>Refuses data.</summary>
    public EpisodeReturn(DatasetInfo info) => _actions = info.Actions ?? throw new InvalidOperationException(
        "The task \"return\" needs an environment: the recipe has data. Name an environment in place of data.");

    public override string Name => "return";

    public override OutputKey Output => _actions.IsContinuous ? Contracts.Output.Action : Contracts.Output.Logits;

    public override string Stored => EpisodeSplit.Return;

    public override IReadOnlyList<Score> Scores { get; } =
    [
        new("return", "mean return", ScoreUnit.Number)
        {
            Meaning = "the sum of an episode's rewards, mean over the episodes",
        },
        new("median_return", "median return", ScoreUnit.Number),
        new("worst_return", "lowest return", ScoreUnit.Number),
        new("best_return", "highest return", ScoreUnit.Number),
        new("spread", "spread of the returns", ScoreUnit.Number, HigherIsBetter: false)
        {
            Meaning = "the standard deviation over the episodes, which start in different states",
        },
    ];

    public override bool HasTargets => false;

    public override Tensor SupervisedLoss(Batch batch, Outputs student) => throw new InvalidOperationException(
        "The task \"return\" has no targets: a policy learns from rewards, by the methods ddpg, ppo and dpd.");

    public override IReadOnlyDictionary<string, double> Evaluate(
        Predictions predictions, Predictions? teacher = null, Predictions? training = null)
    {
        PredictionCheck.Finite(predictions);
        if (predictions.Width != 1) throw new ArgumentException(Invariant(
            $"A return is one number; the predictions have {predictions.Width} for each episode."));
        double[] returns = [.. predictions.Values.Select(value => (double)value).Order()];
        var mean = returns.Average();
        var middle = returns.Length / 2;
        return new Dictionary<string, double>
        {
            ["return"] = mean,
            ["median_return"] = returns.Length % 2 == 1 ? returns[middle] : (returns[middle - 1] + returns[middle]) / 2,
            ["worst_return"] = returns[0],
            ["best_return"] = returns[^1],
            ["spread"] = Math.Sqrt(returns.Average(value => (value - mean) * (value - mean))),
        };
    }
}
