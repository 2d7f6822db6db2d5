namespace Retort.Contracts;

/// <summary>A procedure's own training loop.</summary>
public sealed record LoopRequest
{
    /// <summary>The loop's name: the folder of its checkpoint in the student's folder.</summary>
    public required string Name { get; init; }

    /// <summary>The number of steps.</summary>
    public required long Steps { get; init; }

    /// <summary>
    /// Whether its steps train the network that is saved next; those of other loops count among the student's other
    /// steps.
    /// </summary>
    public bool TrainsNetwork { get; init; } = true;

    /// <summary>What helps where the loss is no longer a finite number: a sentence.</summary>
    public string Advice { get; init; } =
        "A lower training.learningRate or a training.maxGradientNorm usually helps.";

    /// <summary>
    /// Everything that the steps change, by name: weights, buffers, optimizer state. They are restored in place.
    /// </summary>
    public required Func<IEnumerable<KeyValuePair<string, Tensor>>> State { get; init; }

    /// <summary>Runs one step, in a dispose scope of its own; returns the loss to report.</summary>
    public required Func<long, double> Step { get; init; }
}
