using System.Text.Json.Serialization;

namespace Retort.Contracts;

/// <summary>The options of a method: the section <c>method</c> of a recipe.</summary>
public abstract record MethodOptions
{
    /// <summary>
    /// Whether a student without a teacher is trained on all examples, also on those without labels.
    /// </summary>
    [JsonIgnore]
    public virtual bool LearnsWithoutLabels => false;

    /// <summary>What a reader should know before the figures of a run with these options.</summary>
    /// <param name="examples">N: the number of training examples.</param>
    public virtual IEnumerable<Finding> Findings(int examples) => [];
}
