using Retort.Runs;
using Retort.Training;
using Retort.Recipes;
using Retort.Report;
using Retort.Data.Augmentation;

namespace Retort.Studies.Fidelity;

/// <summary>What several claims start from: networks, data and training of teachers and students.</summary>
public sealed record StudySetting
{
    /// <summary>Who teaches.</summary>
    public required ModelOptions Network { get; init; }

    /// <summary>Who learns; the teacher's own architecture unless given.</summary>
    public ModelOptions? Student { get; init; }

    /// <summary>
    /// Examples that a teacher learns from, in every class as many as the class is large; all unless given.
    /// </summary>
    [AtLeast(1)] public int? LabelledExamples { get; init; }

    /// <summary>Examples that a student learns from; all unless given.</summary>
    [AtLeast(1)] public int? Examples { get; init; }

    /// <summary>
    /// What is done to training examples, for teachers and, where a claim does not say otherwise, for students.
    /// </summary>
    public IReadOnlyList<AugmentationOptions> Augmentation { get; init; } = [];

    /// <summary>How teachers are trained.</summary>
    public StudyTraining Teaching { get; init; } = new();

    /// <summary>How students are trained.</summary>
    public StudyTraining Learning { get; init; } = new();

    /// <summary>τ of the distillation loss.</summary>
    [Positive] public double Temperature { get; init; } = 4;
}

/// <summary>A way to make distillation data.</summary>
public sealed record DataPolicy
{
    /// <summary>What tables and pictures call it.</summary>
    public required string Title { get; init; }

    /// <summary>What is done to the examples; the teacher answers to what the student sees.</summary>
    public IReadOnlyList<AugmentationOptions> Augmentation { get; init; } = [];

    /// <summary>
    /// Whether the study's out-of-domain pictures are put beside the training part, in every batch in proportion.
    /// </summary>
    public bool OutOfDomain { get; init; }

    /// <summary>Examples of the training part; the setting's unless given.</summary>
    [AtLeast(1)] public int? Examples { get; init; }

    /// <summary>Whether the data looks like none that will be met: noise, or pictures of something else.</summary>
    public bool Unnatural { get; init; }
}
