namespace Retort.Studies.Fidelity;

/// <summary>F9: other optimizers, and longer training.</summary>
public sealed record LongerTrainingOptions : ClaimOptions
{
    /// <summary>The ways to train; the others are compared with the first.</summary>
    [Count(2, int.MaxValue, SeveralRule)] public required IReadOnlyList<TrainingVariant> Variants { get; init; }

    /// <summary>The limit that agreement on the distillation data stays below, however long the training is.</summary>
    [Share] public double Plateau { get; init; } = 0.97;

    internal override string Id => "F9";

    internal override bool DecidedOnItsData => true;

    internal override string Says =>
        "Neither another optimizer nor longer training changes this: the gain is small, and agreement on the "
        + "distillation data levels off well below 100 %.";

    internal override string? Lacks(StudySetting setting)
    {
        if (!Variants.Any(variant => variant.Longer > Variants[0].Longer))
            return "variants must have one that is longer than the first";

        var usual = setting.StudentTraining.Optimizer.GetType();
        var others = Variants.Where(variant => variant.Optimizer is not null && variant.Optimizer.GetType() != usual)
            .ToList();
        if (others.Count == 0) return "variants must have one with another optimizer than the setting's";

        return others.FirstOrDefault(other => WithUsualOptimizer(other) is null) is { } alone
            ? $"\"{alone.Title}\" is compared with the setting's optimizer over as many steps; variants must have that "
                + "one too"
            : null;
    }

    internal override IReadOnlyList<Arm> Arms(Planner planner) =>
    [
        .. Variants.Select((variant, i) => new Arm(variant.Title, i, seed => planner.Student(seed) with
        {
            Training = TrainingOf(planner.Setting.StudentTraining, variant),
        })),
    ];

    internal override IReadOnlyList<ClaimCheck> Checks(ClaimEvidence found)
    {
        var best = found.Arms.MaxBy(arm => found.Mean(arm, ClaimText.TrainAgreement))!;
        var highest = found.Of(best, ClaimText.TrainAgreement);
        var gain = found.Difference(best, found.Arms[0], ClaimText.TrainAgreement);
        List<ClaimCheck> checks =
        [
            new("agreement on the distillation data stays below "
                + $"{NumberFormat.Percent(Plateau, 0)} % in every way",
                $"at most {ClaimText.Percent(highest)}, with \"{best}\"",
                highest.Mean < Plateau),
            new($"what the best way gains over \"{found.Arms[0]}\" is less than what is left to 100 % after it",
                ClaimText.Points(gain),
                gain.Mean < 1 - highest.Mean),
        ];
        foreach (var other in Variants.Where(variant => variant.Optimizer is not null))
        {
            if (WithUsualOptimizer(other) is not { } usual) continue;

            var difference = found.Difference(other.Title, usual.Title, ClaimText.TrainAgreement);
            checks.Add(ClaimText.NoLarger($"\"{other.Title}\" is no better than \"{usual.Title}\"", difference));
        }
        return checks;
    }

    static StudyTraining TrainingOf(StudyTraining usual, TrainingVariant variant) => usual with
    {
        Steps = Math.Max((int)Math.Round(variant.Longer * usual.Steps), 1),
        Optimizer = variant.Optimizer ?? usual.Optimizer,
        LearningRate = variant.LearningRate ?? usual.LearningRate,
    };

    // the variant of the same length with the setting's optimizer
    TrainingVariant? WithUsualOptimizer(TrainingVariant other) =>
        Variants.FirstOrDefault(variant => variant.Optimizer is null && variant.Longer == other.Longer);
}
