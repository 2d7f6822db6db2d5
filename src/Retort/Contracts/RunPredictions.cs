namespace Retort.Contracts;

/// <summary>The stored predictions of a finished run: what a task makes its own figures and sections from.</summary>
/// <param name="Data">Classes and inputs.</param>
/// <param name="Teacher">Null without a teacher.</param>
/// <param name="Controls">In the order of the seeds; empty without a control.</param>
/// <param name="Students">In the order of the seeds.</param>
sealed record RunPredictions(DatasetInfo Data, NetworkPredictions? Teacher,
    IReadOnlyList<NetworkPredictions> Controls, IReadOnlyList<NetworkPredictions> Students);

/// <summary>One network's stored predictions.</summary>
/// <param name="Validation">With the weights best on validation.</param>
/// <param name="Test">With the same weights.</param>
sealed record NetworkPredictions(Predictions Validation, Predictions Test)
{
    /// <summary>The steps of all trainings and loops that made it; 0 where the run did not train it.</summary>
    public long Steps { get; init; }

    /// <summary>On test, with the weights of the last epoch; null for a pretrained teacher.</summary>
    public Predictions? LastEpochTest { get; init; }

    /// <summary>On the labelled training examples; null where the run did not store them.</summary>
    public Predictions? Training { get; init; }

    /// <summary>The networks that a procedure trained for it, in order; the last is the network itself.</summary>
    public IReadOnlyList<StagePredictions> Stages { get; init; } = [];
}

/// <summary>One network of a procedure.</summary>
sealed record StagePredictions(Stage Stage, NetworkPredictions Predictions);
