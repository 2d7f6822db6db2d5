namespace Retort.Contracts;

/// <summary>The options of a method: the section <c>method</c> of a recipe.</summary>
public abstract record MethodOptions
{
    /// <summary>
    /// Whether a student without a teacher is trained on all examples, also on those without labels.
    /// </summary>
    public virtual bool LearnsWithoutLabels() => false;

    /// <summary>
    /// Whether it is what controls are trained by: without a teacher, a student of it has no control of its own.
    /// </summary>
    public virtual bool IsControl() => false;
}
