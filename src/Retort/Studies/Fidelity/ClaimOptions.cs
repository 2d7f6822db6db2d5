using System.Reflection;
using System.Text.Json.Serialization;
using Retort.Runs;
using Retort.Training;
using Retort.Recipes;
using Retort.Report;

namespace Retort.Studies.Fidelity;

/// <summary>
/// One of the paper's claims as an experiment: what is changed, and what must be seen. The verdict follows from
/// the rows alone.
/// </summary>
[Paper(
    "fidelity",
    "Stanton, Izmailov, Kirichenko, Alemi, Wilson, Does Knowledge Distillation Really Work?, arXiv:2106.05945",
    2021)]
[JsonPolymorphic(TypeDiscriminatorPropertyName = "name")]
[JsonDerivedType(typeof(EasyCaseOptions), "easy-case")]
[JsonDerivedType(typeof(TensionOptions), "tension")]
[JsonDerivedType(typeof(EnsemblesOptions), "ensembles")]
[JsonDerivedType(typeof(MembersOptions), "members")]
[JsonDerivedType(typeof(TemperatureOptions), "temperature")]
[JsonDerivedType(typeof(PolicyOptions), "policies")]
[JsonDerivedType(typeof(RecyclingOptions), "recycling")]
[JsonDerivedType(typeof(HarderDataOptions), "harder-data")]
[JsonDerivedType(typeof(LongerTrainingOptions), "longer-training")]
[JsonDerivedType(typeof(BasinOptions), "basin")]
[JsonDerivedType(typeof(FirstWeightsOptions), "first-weights")]
[JsonDerivedType(typeof(CapacityOptions), "capacity")]
[JsonDerivedType(typeof(CalibrationOptions), "calibration")]
public abstract record ClaimOptions
{
    /// <summary>All claims of the paper.</summary>
    internal static IReadOnlyList<Type> All { get; } =
        [.. typeof(ClaimOptions).GetCustomAttributes<JsonDerivedTypeAttribute>().Select(claim => claim.DerivedType)];

    /// <summary>The rule of lists whose first entry is the baseline.</summary>
    private protected const string SeveralRule = "at least 2, since the others are compared with the first";

    /// <summary>The setting it is run in, by its key in the study's settings.</summary>
    public required string Setting { get; init; }

    /// <summary>F1 to F13.</summary>
    internal abstract string Id { get; }

    /// <summary>What the paper says.</summary>
    internal abstract string Says { get; }

    /// <summary>
    /// What the claim cannot be judged without and this grid does not have, as a sentence; null where it has all.
    /// </summary>
    internal virtual string? Lacks(StudySetting setting) => null;

    /// <summary>
    /// Whether figures on the distillation data decide it; the control is then asked about that data too.
    /// </summary>
    internal virtual bool DecidedOnItsData => false;

    /// <summary>The grid.</summary>
    internal abstract IReadOnlyList<Arm> Arms(Planner planner);

    /// <summary>What must be seen, and whether it was.</summary>
    internal abstract IReadOnlyList<ClaimCheck> Checks(ClaimEvidence found);

    /// <summary>
    /// The claim's outcome by its rows among these: not run without any, else held where every check passes.
    /// </summary>
    /// <exception cref="InvalidOperationException">A row has no control, lacks a seed, or cannot be true.</exception>
    public Judgement Judge(IReadOnlyList<ClaimRow> rows)
    {
        if (!rows.Any(row => row.Claim == Id)) return new() { Id = Id, Says = Says, Outcome = ClaimOutcome.NotRun };
        var failed = rows.Where(row => row.Claim == Id && row.Failed is not null).ToList();
        var found = ClaimEvidence.Of(Id, [.. rows.Where(row => !failed.Any(lost => lost.Arm == row.Arm))]);
        List<ClaimCheck> checks = failed.Count > 0 ? [Ended(failed)] : [.. Checks(found), Learned(found)];
        return new()
        {
            Id = Id, Says = Says, Setting = Setting,
            Outcome = checks.All(check => check.Passed) ? ClaimOutcome.Held : ClaimOutcome.NotHeld,
            Checks = checks, Arms = found.Figures(),
        };
    }

    // steps that lack a seed cannot be compared, so that nothing else is judged
    static ClaimCheck Ended(List<ClaimRow> failed)
    {
        var names = failed.Select(row => FormattableString.Invariant($"\"{row.Arm}\", seed {row.Seed}"));
        return new(
            "every training came to its end",
            $"a training failed: of {string.Join(", ", names)}; networks/{failed[0].Failed}/config.json says how",
            Passed: false);
    }

    // a student that answers by chance says nothing of fidelity, whatever it does to the means
    static ClaimCheck Learned(ClaimEvidence found)
    {
        var failed = found.Arms.Select(arm => (Arm: arm, Count: found.Of(arm, Poor).Values.Sum()))
            .Where(one => one.Count > 0).ToList();
        var names = failed.Select(one => FormattableString.Invariant($"{one.Count} of \"{one.Arm}\""));
        return new(
            "every student learned: it is at least half as accurate as its teacher",
            failed.Count == 0 ? "all of them" : $"not {string.Join(", ", names)}",
            failed.Count == 0);

        static double Poor(ClaimRow row) => row.Figures.Accuracy < row.Figures.TeacherAccuracy / 2 ? 1 : 0;
    }
}
