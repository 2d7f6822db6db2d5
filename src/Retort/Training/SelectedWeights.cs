namespace Retort.Training;

/// <summary>Which weights of a training are saved and scored.</summary>
public enum SelectedWeights
{
    /// <summary>The best on validation: by the task's primary score, then its tie-breaker, then the earlier.</summary>
    Best,

    /// <summary>
    /// Those of the last step, for studies of the effect of long training, where validation would choose different
    /// lengths.
    /// </summary>
    Last,
}
