namespace Retort.Contracts;

/// <summary>The options of a task: the section <c>task</c> of a recipe.</summary>
public abstract record TaskOptions
{
    /// <summary>Builds the task for this data; data that does not fit the task is refused in one sentence.</summary>
    public abstract LearningTask Build(DatasetInfo info);
}
