namespace Retort.Data;

/// <summary>Who loads a split: it decides which augmented views there are.</summary>
enum SplitUse
{
    /// <summary>Student and control: the augmentation, with the views of the options.</summary>
    Training,

    /// <summary>A teacher that the recipe trains: the augmentation, with new views in every pass.</summary>
    TeacherTraining,

    /// <summary>Validation and test: no augmentation.</summary>
    Evaluation,
}
