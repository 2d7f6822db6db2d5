namespace Retort.Data;

/// <summary>Which examples a split has, and what is visible of their targets.</summary>
/// <param name="Rows">The rows of <see cref="Examples"/>. [N]</param>
/// <param name="Labels">Class indices; -1 where the label is hidden. [N]</param>
/// <param name="HidesTargets">Whether the labels or values of a row are hidden.</param>
sealed record SplitRows(int[] Rows, long[] Labels, Func<int, bool> HidesTargets);
