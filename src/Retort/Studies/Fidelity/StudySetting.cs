using Retort.Data.Augmentation;

namespace Retort.Studies.Fidelity;

/// <summary>Networks, data and training that several claims share.</summary>
public sealed record StudySetting
{
    /// <summary>The teacher's network.</summary>
    public required ModelOptions Network { get; init; }

    /// <summary>The student's network; the teacher's unless given.</summary>
    public ModelOptions? Student { get; init; }

    /// <summary>
    /// The number of examples that a teacher is trained on, in proportion to the sizes of the classes; all unless
    /// given.
    /// </summary>
    [AtLeast(1)] public int? LabelledExamples { get; init; }

    /// <summary>The number of examples that a student is trained on; all unless given.</summary>
    [AtLeast(1)] public int? Examples { get; init; }

    /// <summary>
    /// The augmentations of training examples, for teachers and, unless a claim has its own, for students.
    /// </summary>
    public IReadOnlyList<AugmentationOptions> Augmentation { get; init; } = [];

    /// <summary>How teachers are trained.</summary>
    public StudyTraining TeacherTraining { get; init; } = new();

    /// <summary>How students are trained.</summary>
    public StudyTraining StudentTraining { get; init; } = new();

    /// <summary>τ of the distillation loss.</summary>
    [Positive] public double Temperature { get; init; } = 4;
}
