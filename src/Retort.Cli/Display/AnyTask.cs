namespace Retort.Cli.Display;

/// <summary>A task that every method fits, to ask a method for the outputs that it needs.</summary>
sealed class AnyTask : LearningTask
{
    public override string Name => "any";

    public override OutputKey Output => Contracts.Output.Embedding;

    public override bool HasClassProbabilities => true;

    public override bool HasTargets => true;

    public override IReadOnlyList<Score> Scores => throw Unused();

    public override Tensor SupervisedLoss(Batch batch, Outputs student) => throw Unused();

    public override IReadOnlyDictionary<string, double> Evaluate(
        Predictions predictions, Predictions? teacher = null, Predictions? training = null) => throw Unused();

    static InvalidOperationException Unused() => new("This task trains and scores nothing.");
}
