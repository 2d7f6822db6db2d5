namespace Retort.Methods;

/// <summary>
/// Options of <see cref="AdaptiveEncoder"/>. The defaults are those of the authors' code for BERT-base; their training
/// has a learning rate of 2e-5, batches of 32, three epochs for each phase and a gradient norm of 1.
/// </summary>
public sealed record AdaptiveEncoderOptions : ProcedureOptions, IValidated
{
    /// <summary>
    /// The shares of each layer's heads and neurons that the sub-networks have, from 1 down. Each leaves a whole number
    /// of heads and neurons.
    /// </summary>
    [NotEmpty("width"), Positive(AtMost = 1)]
    public IReadOnlyList<double> Widths { get; init; } = [1, 0.75, 0.5, 0.25];

    /// <summary>The shares of the layers that the sub-networks have, from 1 down.</summary>
    [NotEmpty("depth"), Positive(AtMost = 1)]
    public IReadOnlyList<double> Depths { get; init; } = [1, 0.75, 0.5];

    /// <summary>The share of the steps for the widths, at full depth; the depths get the rest.</summary>
    [Share] public double WidthSteps { get; init; } = 0.5;

    /// <summary>The weight of the hidden states' squared differences while the widths are trained.</summary>
    [NotNegative] public double WidthStateWeight { get; init; } = 0.1;

    /// <summary>The weight of the hidden states' squared differences while the depths are trained.</summary>
    [NotNegative] public double DepthStateWeight { get; init; } = 1;

    /// <summary>
    /// The loss of each part in place of the paper's, in both phases: a method that is a loss on logits and hidden
    /// states, such as <c>ckd</c>. It gets those of the teacher's hidden states that the part has.
    /// </summary>
    public MethodOptions? Loss { get; init; }

    public override Procedure Build() => new AdaptiveEncoder(OptionRules.Check(this));

    OptionError? IValidated.Validate() =>
        Falling(nameof(Widths), Widths) ?? Falling(nameof(Depths), Depths) ?? WithoutEffect();

    static OptionError? Falling(string name, IReadOnlyList<double> shares)
    {
        if (shares[0] != 1)
            return new(name, Invariant($"must begin with 1, the whole network; it begins with {shares[0]}."));

        foreach (var (before, share) in shares.Zip(shares.Skip(1)))
            if (share >= before) return new(name, Invariant($"must fall, and {before} comes before; it is {share}."));
        return null;
    }

    OptionError? WithoutEffect()
    {
        if (Loss is null) return null;
        if (Loss is not LossOptions)
            return new(nameof(Loss), "must be a method that is a loss; this one is a procedure.");

        var usual = new AdaptiveEncoderOptions();
        var unused = WidthStateWeight != usual.WidthStateWeight ? nameof(WidthStateWeight)
            : DepthStateWeight != usual.DepthStateWeight ? nameof(DepthStateWeight)
            : null;
        return unused is null ? null : new(unused, "has no effect where loss is given: leave one of them out.");
    }
}
