using System.Reflection;
using System.Text.Json.Serialization;

namespace Retort.Studies.Fidelity;

/// <summary>
/// The options of one of the paper's claims as an experiment: what is varied, and what must be measured. The judgement
/// is a function of the rows alone.
/// </summary>
[Paper("fidelity", "Stanton, Izmailov, Kirichenko, Alemi, Wilson, Does Knowledge Distillation Really Work?, "
    + "arXiv:2106.05945", 2021)]
public abstract partial record ClaimOptions
{
    /// <summary>All claims of the paper.</summary>
    internal static IReadOnlyList<Type> All { get; } =
        [.. typeof(ClaimOptions).GetCustomAttributes<JsonDerivedTypeAttribute>().Select(claim => claim.DerivedType)];

    /// <summary>The rule of lists whose first entry is the baseline.</summary>
    private protected const string SeveralRule = "at least 2, since the others are compared with the first";

    /// <summary>The setting of the experiment, by its key in the study's settings.</summary>
    public required string Setting { get; init; }

    /// <summary>F1 to F13.</summary>
    internal abstract string Id { get; }

    /// <summary>What the paper says.</summary>
    internal abstract string Says { get; }

    /// <summary>
    /// What this grid lacks, without which the claim cannot be judged, as a sentence; null where it lacks nothing.
    /// </summary>
    internal virtual string? Lacks(StudySetting setting) => null;

    /// <summary>
    /// Whether measurements on the distillation data decide the claim. The control is then measured on that data too.
    /// </summary>
    internal virtual bool DecidedOnItsData => false;

    /// <summary>The grid.</summary>
    internal abstract IReadOnlyList<Arm> Arms(Planner planner);

    /// <summary>What must be measured, and whether it was.</summary>
    internal abstract IReadOnlyList<ClaimCheck> Checks(ClaimEvidence found);

    /// <summary>
    /// The claim's outcome by its rows among these: not run without rows, held where every check passes, else not held.
    /// </summary>
    /// <exception cref="InvalidOperationException">A row has no control, lacks a seed, or is impossible.</exception>
    public Judgement Judge(IReadOnlyList<ClaimRow> rows)
    {
        if (!rows.Any(row => row.Claim == Id)) return new() { Id = Id, Says = Says, Outcome = ClaimOutcome.NotRun };

        var failed = rows.Where(row => row.Claim == Id && row.Failed is not null).ToList();
        var failedArms = failed.Select(row => row.Arm).ToHashSet();
        var found = ClaimEvidence.Of(Id, [.. rows.Where(row => !failedArms.Contains(row.Arm))]);
        List<ClaimCheck> checks = failed.Count > 0 ? [AllTrained(failed)] : [.. Checks(found), AllLearned(found)];
        return new()
        {
            Id = Id,
            Says = Says,
            Setting = Setting,
            Outcome = checks.All(check => check.Passed) ? ClaimOutcome.Held : ClaimOutcome.NotHeld,
            Checks = checks,
            Arms = found.Figures(),
        };
    }

    // arms that lack a seed cannot be compared, so nothing else is judged
    static ClaimCheck AllTrained(List<ClaimRow> failed)
    {
        var arms = string.Join(", ", failed.Select(row => Invariant($"\"{row.Arm}\", seed {row.Seed}")));
        return new("every training came to its end",
            $"a training failed: of {arms}; networks/{failed[0].Failed}/config.json says how", Passed: false);
    }

    // a student that predicts by chance shows nothing about fidelity, whatever its effect on the means
    static ClaimCheck AllLearned(ClaimEvidence found)
    {
        var failed = found.Arms.Select(arm => (Arm: arm, Count: found.Of(arm, HasFailed).Values.Sum()))
            .Where(one => one.Count > 0).ToList();
        var measured = failed.Count == 0 ? "all of them"
            : $"not {string.Join(", ", failed.Select(one => Invariant($"{one.Count} of \"{one.Arm}\"")))}";
        return new("every student learned: it is at least half as accurate as its teacher", measured,
            failed.Count == 0);

        static double HasFailed(ClaimRow row) => row.Figures.Accuracy < row.Figures.TeacherAccuracy / 2 ? 1 : 0;
    }
}
