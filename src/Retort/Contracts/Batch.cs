namespace Retort.Contracts;

/// <summary>A batch of examples: inputs of student and teacher, and the targets that are known.</summary>
public sealed class Batch
{
    /// <summary>The student's inputs.</summary>
    public required Inputs Inputs { get; init; }

    /// <summary>
    /// The teacher's inputs where they differ from the student's, for example other tokens or another sampling rate;
    /// otherwise the student's.
    /// </summary>
    public Inputs TeacherInputs { get => field ?? Inputs; init; }

    /// <summary>Class indices; -1 where the label is unknown. [B] int64</summary>
    public required Tensor Labels { get; init; }

    /// <summary>How many of <see cref="Labels"/> are known.</summary>
    public required int Labelled { get; init; }

    /// <summary>
    /// Labels of 0 and 1, or values; NaN where unknown. Null where the data has neither. [B, C] float32
    /// </summary>
    public Tensor? Targets { get; init; }

    /// <summary>
    /// A number for each class, of any sum and sign, which <see cref="CrossEntropy"/> compares with instead of
    /// <see cref="Labels"/>; null where the data has none. [B, C] float32
    /// </summary>
    public Tensor? SoftLabels { get; init; }

    /// <summary>The weight of <see cref="Labels"/> in mixed examples; <see cref="OtherLabels"/> get the rest.</summary>
    public double LabelShare { get; init; } = 1;

    /// <summary>The labels of the examples that were mixed in; null where none were. [B] int64</summary>
    public Tensor? OtherLabels { get; init; }

    /// <summary>How many of <see cref="OtherLabels"/> are known.</summary>
    public int OtherLabelled { get; init; }

    /// <summary>
    /// The examples' ids in their data set: the key of caches and of what a method stores per example.
    /// </summary>
    public required IReadOnlyList<int> Ids { get; init; }

    /// <summary>
    /// The index of the augmented view that the examples are in; caches use it together with the id as a key. Null for
    /// a view that is drawn once and never again.
    /// </summary>
    public int? ViewIndex { get; init; }

    /// <summary>
    /// Random numbers for the method: a stream of its own for each step, a function of seed and step. Each read starts
    /// it from the beginning, so that a loss is a function of its arguments.
    /// </summary>
    public RandomStream Random { get; init; }

    /// <summary>B.</summary>
    public int Count => Ids.Count;

    /// <summary>
    /// The mean of -log softmax(logits)[label] over the labelled examples; 0 where none is labelled. Mixed examples
    /// have two labels: their losses are weighted by share (mixup, arXiv:1710.09412, §2). With soft labels: the mean of
    /// -Σ label · log softmax(logits). [B, C] → []
    /// </summary>
    public Tensor CrossEntropy(Tensor logits) => SoftLabels is null
        ? Mixed((labels, labelled) => Functional.CrossEntropy(logits, labels, labelled))
        : logits.LogSoftmax().Times(SoftLabels).sum().Times(-1.0 / Count);

    /// <summary>
    /// The mean over the labelled examples of the cross-entropy to smoothed targets: each label has its example's
    /// weight, the other classes share the rest equally. Mixed examples as in <see cref="CrossEntropy"/>.
    /// [B, C], [B] → []
    /// </summary>
    public Tensor SmoothedCrossEntropy(Tensor logits, Tensor weights) => SoftLabels is not null
        ? throw new InvalidOperationException(
            "The data has learned labels, which are no classes to smooth: choose a method with the cross-entropy of "
            + "labels, such as kd or labels.")
        : Mixed((labels, labelled) => Functional.SmoothedCrossEntropy(logits, labels, weights, labelled));

    Tensor Mixed(Func<Tensor, int, Tensor> loss)
    {
        var first = loss(Labels, Labelled);
        if (OtherLabels is null) return first;

        var second = loss(OtherLabels, OtherLabelled);
        return first.Times(LabelShare).Add(second.Times(1 - LabelShare));
    }
}
