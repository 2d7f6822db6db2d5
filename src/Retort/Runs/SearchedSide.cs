using System.Text.Json.Serialization;

namespace Retort.Runs;

/// <summary>The search of the student, of the control or of the teacher.</summary>
/// <param name="Trials">The trials, in the order of the plan.</param>
/// <param name="Chosen">
/// The number of the best trial: by the task's primary score after the last rung, then its tie-breaker, then the lower
/// number.
/// </param>
public sealed record SearchedSide(IReadOnlyList<SearchedTrial> Trials, int Chosen)
{
    /// <summary>The chosen trial.</summary>
    [JsonIgnore]
    public SearchedTrial Best => Trials[Chosen - 1];
}
