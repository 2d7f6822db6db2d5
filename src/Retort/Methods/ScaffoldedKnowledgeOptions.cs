namespace Retort.Methods;

/// <summary>
/// Options of <see cref="ScaffoldedKnowledge"/>. Weights, budget and penalty are those of the authors' code.
/// </summary>
public sealed partial record ScaffoldedKnowledgeOptions : ProcedureOptions, IValidated
{
    const int UsualTopK = 10;

    /// <summary>The objective: the paper's, or that of the authors' code for CIFAR-100.</summary>
    public Objective Form { get; init; } = Objective.Paper;

    /// <summary>The guide g, which says how much help each training example gets.</summary>
    public GuideKind Guide { get; init; } = GuideKind.Embedding;

    /// <summary>
    /// g of every example with the guide <c>constant</c>; the share of the examples with g = 1 with the guide
    /// <c>random</c>. These two need it, and no other guide has it.
    /// </summary>
    [Share] public double? FixedHelp { get; init; }

    /// <summary>T: the temperature of the student's logits.</summary>
    [Positive] public double Temperature { get; init; } = 4;

    /// <summary>The temperature of the teacher's logits; unset: the same.</summary>
    [Positive] public double? TeacherTemperature { get; init; }

    /// <summary>The weight of the scaffolded term; the labels get the rest.</summary>
    [Share] public double SoftWeight { get; init; } = 0.9;

    /// <summary>
    /// Whether log(1 + K g), the normalization of s + g, is added. Without it, help on easy examples pays.
    /// </summary>
    public bool Normalize { get; init; } = true;

    /// <summary>
    /// K of the released form: the target has the teacher's K most probable classes and the label; the paper's form has
    /// all classes.
    /// </summary>
    [AtLeast(1)] public int TopK { get; init; } = UsualTopK;

    /// <summary>The teacher's logits of the other classes, in the released form.</summary>
    public MaskedLogits Masked { get; init; } = MaskedLogits.RowMinimum;

    /// <summary>
    /// The class c for which −log s_c is the hardness of an example; unset: the label in the paper's form, the
    /// teacher's class in the released one. An example without a label has the teacher's class.
    /// </summary>
    public HardnessClass? Hardness { get; init; }

    /// <summary>The largest hardness; larger ones are clipped.</summary>
    [Positive] public double MaxHardness { get; init; } = 5;

    /// <summary>δ: the mean of g times hardness that is free of a penalty, in the first round.</summary>
    [Share] public double Budget { get; init; } = 0.6;

    /// <summary>δ at the end of each period.</summary>
    [Share] public double FinalBudget { get; init; } = 0.4;

    /// <summary>Rounds in which δ goes to its end, and begins again; unset: all rounds, once.</summary>
    [AtLeast(1)] public int? BudgetPeriod { get; init; }

    /// <summary>The factor of <see cref="Budget"/> after each period.</summary>
    [Positive(AtMost = 1)] public double BudgetDecay { get; init; } = 1;

    /// <summary>λ: the weight of what exceeds the budget, in the first round.</summary>
    [NotNegative] public double Penalty { get; init; } = 1;

    /// <summary>λ at the end of each period; the largest λ where <see cref="DualRate"/> is set.</summary>
    [NotNegative] public double FinalPenalty { get; init; } = 5;

    /// <summary>Rounds in which λ goes to its end, and begins again; unset: all rounds, once.</summary>
    [AtLeast(1)] public int? PenaltyPeriod { get; init; }

    /// <summary>
    /// ρ of the primal-dual updates: after each round's guide steps λ rises by ρ times the excess over the budget, or
    /// falls. Unset: λ has a schedule.
    /// </summary>
    [Positive] public double? DualRate { get; init; }

    /// <summary>The share of the steps in which the student learns by KD before the first round.</summary>
    [Share] public double WarmUpSteps { get; init; } = 0.25;

    /// <summary>Rounds: in each the guide is trained, then the student.</summary>
    [AtLeast(1)] public int Rounds { get; init; } = 40;

    /// <summary>The guide's steps for each step of the student.</summary>
    [Positive] public double GuideSteps { get; init; } = 1;

    /// <summary>The learning rate of the guide, by Adam.</summary>
    [Positive] public double GuideLearningRate { get; init; } = 0.01;

    internal bool TrainsGuide => Guide is GuideKind.Embedding or GuideKind.Linear;

    internal double TemperatureOfTeacher => TeacherTemperature ?? Temperature;

    internal HardnessClass HardnessOf =>
        Hardness ?? (Form == Objective.Paper ? HardnessClass.Label : HardnessClass.Teacher);

    public override Procedure Build() => new ScaffoldedKnowledge(OptionRules.Check(this));

    OptionError? IValidated.Validate()
    {
        if (TrainsGuide != (FixedHelp is null)) return new(nameof(FixedHelp), TrainsGuide
            ? "is for the guides \"constant\" and \"random\" alone: leave it out."
            : "must be set for the guides \"constant\" and \"random\".");
        if (!TrainsGuide && !HasUsualTraining()) return new(nameof(Guide),
            "must be \"embedding\" or \"linear\" where budget, penalty, rounds or other options of its training are "
            + "set.");
        if (Form == Objective.Paper && (TopK != UsualTopK || Masked != MaskedLogits.RowMinimum))
            return new(TopK != UsualTopK ? nameof(TopK) : nameof(Masked),
                "has no effect where form is \"paper\": leave it out.");
        if (BudgetDecay != 1 && BudgetPeriod is null)
            return new(nameof(BudgetDecay), "has no effect without budgetPeriod: set both or leave it out.");
        if (FinalBudget > Budget)
            return new(nameof(FinalBudget), Invariant($"must be at most the budget of {Budget}; it is {FinalBudget}."));
        if (FinalPenalty < Penalty) return new(
            nameof(FinalPenalty), Invariant($"must be at least the penalty of {Penalty}; it is {FinalPenalty}."));
        return DualRate is not null && PenaltyPeriod is not null
            ? new(nameof(PenaltyPeriod), "has no effect where dualRate is set: leave one of them out.") : null;
    }

    // whether all options that only a trained guide has are left out
    bool HasUsualTraining()
    {
        var usual = new ScaffoldedKnowledgeOptions();
        return usual == this with
        {
            Form = usual.Form, Guide = usual.Guide, FixedHelp = null, Temperature = usual.Temperature,
            TeacherTemperature = null, SoftWeight = usual.SoftWeight, TopK = usual.TopK, Masked = usual.Masked,
            WarmUpSteps = usual.WarmUpSteps,
        };
    }
}
