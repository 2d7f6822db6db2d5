using System.Text.Json.Nodes;
using Retort.Recipes;
using static TorchSharp.torch;

namespace Retort.Runs;

/// <summary>What a job of a network works with.</summary>
sealed record JobContext
{
    /// <summary>The run.</summary>
    public required RunContext Run { get; init; }

    /// <summary>The run's recipe, with the settings that a search gives this job.</summary>
    public required Recipe Recipe { get; init; }

    /// <summary>The data of <see cref="Recipe"/>.</summary>
    public required Dataset Data { get; init; }

    /// <summary>The task.</summary>
    public required LearningTask Task { get; init; }

    /// <summary>The run's teachers.</summary>
    public required TeacherSource Teachers { get; init; }

    /// <summary>Stops the job; what was done is saved.</summary>
    public CancellationToken Token { get; init; }

    /// <summary>The device of networks and batches.</summary>
    public Device Device => Teachers.Device;

    /// <summary>The task as the recipe states it; null where the data's targets decide.</summary>
    public JsonNode? TaskNode => Run.Recipe.Task is null ? null : Recipe.Write(Run.Recipe.Task);

    /// <summary>Whether predictions on the labelled training examples are stored.</summary>
    public bool StoresTrainingPredictions => Task.ScoresNeedTraining
        || Run.Recipe is { Teacher: null, HasControl: true } && Task.HasClassProbabilities;
}
