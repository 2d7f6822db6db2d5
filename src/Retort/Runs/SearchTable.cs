using System.Text.Json.Serialization;

namespace Retort.Runs;

/// <summary><c>search.json</c>: the trials of a search and their scores, on validation alone.</summary>
/// <param name="Seeds">The seeds of each trial's runs; none of them is reported.</param>
/// <param name="Rungs">The epochs after which the trials were compared.</param>
/// <param name="Student">The student's search.</param>
/// <param name="Control">
/// The control's search over its training options; null where none of them was searched over.
/// </param>
/// <param name="Teacher">The tuning of the teacher's learning rate; null without one.</param>
public sealed record SearchTable(
    IReadOnlyList<int> Seeds, IReadOnlyList<int> Rungs, SearchedSide Student, SearchedSide? Control,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] SearchedSide? Teacher = null);
