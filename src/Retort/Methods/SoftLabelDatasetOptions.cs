using Retort.Contracts.Distilled;

namespace Retort.Methods;

/// <summary>Options of <see cref="SoftLabelDataset"/>. Defaults are those of the authors' MNIST runs.</summary>
public partial record SoftLabelDatasetOptions : ProcedureOptions, IValidated
{
    /// <summary>
    /// M: samples in the batch of a step; unset: as many as <see cref="FirstClasses"/>, or as classes. It may be below
    /// the classes.
    /// </summary>
    [AtLeast(1)] public int? Samples { get; init; }

    /// <summary>S: batches of samples.</summary>
    [AtLeast(1)] public int Steps { get; init; } = 1;

    /// <summary>E: passes over the batches. Each of the T = S · E steps has a step size of its own.</summary>
    [AtLeast(1)] public int Epochs { get; init; } = 3;

    /// <summary>
    /// Whether labels are <c>learned</c> as any numbers, learned as probabilities (<c>softmax</c>), or
    /// <c>static</c>: one class each, as in Dataset Distillation.
    /// </summary>
    public DistilledLabels Labels { get; init; }

    /// <summary>The classes that the labels begin with, by index, in turn; unset: all.</summary>
    [NotEmpty("class"), NotNegative] public IReadOnlyList<int>? FirstClasses { get; init; }

    /// <summary>What the inputs begin with: normal noise, or real examples of the labels' classes.</summary>
    public FirstInputsKind FirstInputs { get; init; }

    /// <summary>Whether the inputs are learned; otherwise labels and step sizes alone.</summary>
    public bool LearnInputs { get; init; } = true;

    /// <summary>The step size that learning begins with.</summary>
    [Positive] public double StepSize { get; init; } = 0.01;

    /// <summary>
    /// Whether the samples are for the student's own first weights (<c>known</c>), or for any that are drawn like them
    /// (<c>random</c>).
    /// </summary>
    public StartKind Start { get; init; }

    /// <summary>How first weights are drawn.</summary>
    public FirstWeights FirstWeights { get; init; }

    /// <summary>Networks that a meta-step draws and averages over, with a random start.</summary>
    [AtLeast(1)] public int Networks { get; init; } = 1;

    /// <summary>Networks that score the samples at the end, with a random start; 20 unless given.</summary>
    [AtLeast(2)] public int? EvaluationNetworks { get; init; }

    /// <summary>Meta-steps: steps of Adam, each on one batch of real examples.</summary>
    [AtLeast(1)] public int MetaSteps { get; init; } = 4000;

    /// <summary>The learning rate of Adam, whose β₁ is 0.5.</summary>
    [Positive] public double MetaLearningRate { get; init; } = 0.01;

    /// <summary>The share of the meta-steps after which the learning rate falls, again and again.</summary>
    [Positive(AtMost = 1)] public double DecayPeriod { get; init; } = 0.1;

    /// <summary>The factor by which it falls.</summary>
    [Positive(AtMost = 1)] public double DecayFactor { get; init; } = 0.5;

    /// <summary>
    /// How the gradient is computed: back from the last step, computing each step again (<c>reverse</c>), or through
    /// the graph of all steps (<c>unrolled</c>), which takes more memory. Both give the same.
    /// </summary>
    public GradientKind Gradient { get; init; }

    /// <summary>Whether the network is trained on all data too, for comparison.</summary>
    public bool FullData { get; init; }

    /// <summary>The step sizes that the control tries on validation.</summary>
    [NotEmpty, Positive] public IReadOnlyList<double> ControlRates { get; init; } = [0.003, 0.01, 0.03, 0.1, 0.3, 1];

    /// <summary>
    /// The most megabytes that samples, weights and graphs of the steps may take by a forecast before the start.
    /// </summary>
    [AtLeast(1)] public int MemoryLimit { get; init; } = 8000;

    /// <summary>What inputs begin with.</summary>
    public enum FirstInputsKind
    {
        /// <summary>Normal with mean 0 and standard deviation 1, in the scale of the network's input.</summary>
        Noise,

        /// <summary>Training examples of the labels' classes, drawn at random.</summary>
        Real,
    }

    /// <summary>Which first weights samples are for.</summary>
    public enum StartKind
    {
        /// <summary>One set, kept with the samples.</summary>
        Known,

        /// <summary>Any that are drawn in the same way.</summary>
        Random,
    }

    /// <summary>How the gradient is computed.</summary>
    public enum GradientKind
    {
        /// <summary>Step by step from the last one, each computed again.</summary>
        Reverse,

        /// <summary>Through the graph of all steps.</summary>
        Unrolled,
    }

    public override Procedure Build() => new SoftLabelDataset(OptionRules.Check(this));

    OptionError? IValidated.Validate()
    {
        if (!LearnInputs && Labels == DistilledLabels.Static) return new(nameof(LearnInputs),
            "must be true where labels are \"static\": only the step sizes would be learned.");
        if (Start == StartKind.Known && EvaluationNetworks is not null) return new(nameof(EvaluationNetworks),
            "has no effect where start is \"known\", since there is one network: leave it out.");
        if (FirstClasses is { } first && Samples is { } samples && first.Count > Steps * samples) return new(
            nameof(FirstClasses), Invariant($"must name at most as many classes as there are samples, ")
                + Invariant($"{Steps * samples}; it names {first.Count}."));
        if (Start == StartKind.Known && Networks > 1) return new(nameof(Networks), Invariant(
            $"must be 1 where start is \"known\", since there is one network; it is {Networks}."));
        return null;
    }

    /// <summary>M, with this many classes.</summary>
    internal int SamplesFor(int classes) => Samples ?? FirstClasses?.Count ?? classes;

    internal double RateAt(long step)
    {
        var period = Math.Max(1, (long)Math.Round(MetaSteps * DecayPeriod));
        return MetaLearningRate * Math.Pow(DecayFactor, step / period);
    }
}
