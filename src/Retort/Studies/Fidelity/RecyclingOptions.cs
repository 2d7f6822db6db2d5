using Retort.Runs;
using Retort.Training;
using Retort.Recipes;
using Retort.Report;
namespace Retort.Studies.Fidelity;

/// <summary>F7: the teacher's own half of the data, the other half, or both.</summary>
public sealed record RecyclingOptions : ClaimOptions
{
    const string Own = "D0, the teacher's", Other = "D1, the other", Both = "D0 and D1";

    /// <summary>Examples of each half: the teacher's are the first, the others those that follow.</summary>
    [AtLeast(1)] public int Half { get; init; } = 600;

    internal override string Id => "F7";
    internal override string Says =>
        "A student on its teacher's own data is more accurate, one on other data more faithful and better "
            + "calibrated; both together are the best of both.";

    internal override IReadOnlyList<Arm> Arms(Planner planner)
    {
        var augmentation = planner.Setting.Augmentation;
        return
        [
            Step(Own, 0, new() { Count = Half, Augmentation = augmentation }),
            Step(Other, 1, new() { From = Half, Count = Half, Augmentation = augmentation }),
            Step(Both, 2, new() { Count = 2 * Half, Augmentation = augmentation }),
        ];

        Arm Step(string name, double x, DistillationSet lesson) => new(name, x, seed => planner.Student(seed) with
        {
            Examples = lesson,
            Teachers = planner.Teachers(seed, lesson: new() { Count = Half, Augmentation = augmentation }),
        });
    }

    internal override IReadOnlyList<ClaimCheck> Checks(ClaimEvidence found)
    {
        return
        [
            ClaimText.Larger(found, "agreement is larger on D1 than on D0", Other, Own, ClaimText.Agreement),
            new(
                "on both it is the largest, beyond chance larger than on D0",
                ClaimText.Percents(found, found.Arms, ClaimText.Agreement),
                found.Rises([Own, Other, Both], ClaimText.Agreement)),
            ClaimText.Larger(found, "accuracy is larger on D0 than on D1", Own, Other, ClaimText.Accuracy),
            ClaimText.Larger(found, "ECE is larger on D0 than on D1", Own, Other, ClaimText.Ece),
        ];
    }
}
