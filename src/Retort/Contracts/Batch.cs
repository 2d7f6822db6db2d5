namespace Retort.Contracts;

/// <summary>Examples taken together: what the student sees, what the teacher sees, and what is known of them.</summary>
public sealed class Batch
{
    /// <summary>What the student is fed.</summary>
    public required Inputs Inputs { get; init; }

    /// <summary>What the teacher is fed, where its front end differs: other words, another sampling rate.</summary>
    public Inputs TeacherInputs { get => field ?? Inputs; init; }

    /// <summary>Class numbers, -1 where a label is not known. [B] int64</summary>
    public required Tensor Labels { get; init; }

    /// <summary>How many of <see cref="Labels"/> are known.</summary>
    public required int Labelled { get; init; }

    /// <summary>What <see cref="Labels"/> count for in mixed examples; <see cref="OtherLabels"/> get the rest.</summary>
    public double LabelShare { get; init; } = 1;

    /// <summary>The labels of what was mixed in; null where nothing was. [B] int64</summary>
    public Tensor? OtherLabels { get; init; }

    /// <summary>How many of <see cref="OtherLabels"/> are known.</summary>
    public int OtherLabelled { get; init; }

    /// <summary>The examples' ids in their data set: the key of caches and of what a method keeps per example.</summary>
    public required IReadOnlyList<int> Ids { get; init; }

    /// <summary>Which of the data's views the examples are shown in: with the id the key of caches; null where that view will not come again.</summary>
    public int? ViewIndex { get; init; }

    /// <summary>
    /// What a method may draw for this batch: a stream of its own for each step, a function of seed and step. Each reading
    /// begins it anew, so that a loss stays a function of what it is given.
    /// </summary>
    public RandomStream Random { get; init; }

    /// <summary>B.</summary>
    public int Count => Ids.Count;

    /// <summary>
    /// Mean over the labelled examples of -log softmax(logits)[label]; 0 where none is labelled. Of mixed examples the
    /// mean for both labels, weighed by share (mixup, arXiv:1710.09412, §2). [B, C] → []
    /// </summary>
    public Tensor CrossEntropy(Tensor logits)
    {
        var first = Functional.CrossEntropy(logits, Labels, Labelled);
        return OtherLabels is null ? first
            : first.Times(LabelShare).Add(Functional.CrossEntropy(logits, OtherLabels, OtherLabelled).Times(1 - LabelShare));
    }

    /// <summary>
    /// Mean over the labelled examples of the cross-entropy to targets that give each label its example's weight and the
    /// rest to the other classes in equal parts; of mixed examples as in <see cref="CrossEntropy"/>. [B, C], [B] → []
    /// </summary>
    public Tensor SmoothedCrossEntropy(Tensor logits, Tensor weights)
    {
        var first = Functional.SmoothedCrossEntropy(logits, Labels, weights, Labelled);
        return OtherLabels is null ? first
            : first.Times(LabelShare).Add(Functional.SmoothedCrossEntropy(logits, OtherLabels, weights, OtherLabelled).Times(1 - LabelShare));
    }
}
