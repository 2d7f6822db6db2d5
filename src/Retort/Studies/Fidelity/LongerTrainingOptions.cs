using Retort.Runs;
using Retort.Recipes;
using Retort.Report;
using Retort.Training;

namespace Retort.Studies.Fidelity;

/// <summary>One way to train a student.</summary>
public sealed record TrainingVariant
{
    /// <summary>What tables and pictures call it.</summary>
    public required string Title { get; init; }

    /// <summary>Times the setting's steps.</summary>
    [Positive] public double Longer { get; init; } = 1;

    /// <summary>What moves the weights; the setting's unless given.</summary>
    public OptimizerOptions? Optimizer { get; init; }

    /// <summary>The highest rate; the setting's unless given.</summary>
    [Positive] public double? LearningRate { get; init; }
}

/// <summary>F9: other optimizers, and longer training.</summary>
public sealed record LongerTrainingOptions : ClaimOptions
{
    /// <summary>The ways; the first is what the others are held against.</summary>
    [Count(2, int.MaxValue, SeveralRule)] public required IReadOnlyList<TrainingVariant> Variants { get; init; }

    /// <summary>What agreement on the distillation data must stay below, however long.</summary>
    [Share] public double Plateau { get; init; } = 0.97;

    internal override string? Lacks(StudySetting setting)
    {
        if (!Variants.Any(variant => variant.Longer > Variants[0].Longer))
            return "variants must have one that is longer than the first";
        var usual = setting.Learning.Optimizer.GetType();
        var others = Variants.Where(variant => variant.Optimizer is { } own && own.GetType() != usual).ToList();
        return others.Count == 0 ? "variants must have one with another optimizer than the setting's"
            : others.FirstOrDefault(other => Usual(other) is null) is { } alone
                ? $"\"{alone.Title}\" is held against the setting's optimizer over as many steps; "
                    + "variants must have that one too"
                : null;
    }

    internal override string Id => "F9";
    internal override bool DecidedOnItsData => true;
    internal override string Says =>
        "Neither another optimizer nor longer training mends it: the gain is small, and agreement on the "
            + "distillation data levels off well below 100 %.";

    internal override IReadOnlyList<Arm> Arms(Planner planner) =>
        [.. Variants.Select((variant, i) => new Arm(variant.Title, i, 
            seed => planner.Student(seed) with { Training = Trained(planner.Setting.Learning, variant) }))];

    static StudyTraining Trained(StudyTraining usual, TrainingVariant variant) => usual with
    {
        Steps = Math.Max((int)Math.Round(variant.Longer * usual.Steps), 1),
        Optimizer = variant.Optimizer ?? usual.Optimizer,
        LearningRate = variant.LearningRate ?? usual.LearningRate,
    };

    internal override IReadOnlyList<ClaimCheck> Checks(ClaimEvidence found)
    {
        var best = found.Arms.MaxBy(arm => found.Mean(arm, ClaimText.TrainAgreement))!;
        var gain = found.Difference(best, found.Arms[0], ClaimText.TrainAgreement);
        List<ClaimCheck> checks =
        [
            new(
                $"agreement on the distillation data stays below {NumberFormat.Percent(Plateau, 0)} % in every way",
                $"at most {ClaimText.Percent(found.Of(best, ClaimText.TrainAgreement))}, with \"{best}\"",
                found.Mean(best, ClaimText.TrainAgreement) < Plateau),
            new(
                $"what the best way gains over \"{found.Arms[0]}\" is less than what is left to 100 % after it",
                ClaimText.Points(gain),
                gain.Mean < 1 - found.Mean(best, ClaimText.TrainAgreement)),
        ];
        foreach (var other in Variants.Where(variant => variant.Optimizer is not null))
            if (Usual(other) is { } usual)
            {
                var over = found.Difference(other.Title, usual.Title, ClaimText.TrainAgreement);
                checks.Add(ClaimText.NoLarger($"\"{other.Title}\" is no better than \"{usual.Title}\"", over));
            }
        return checks;
    }

    TrainingVariant? Usual(TrainingVariant other) =>
        Variants.FirstOrDefault(variant => variant.Optimizer is null && variant.Longer == other.Longer);
}
