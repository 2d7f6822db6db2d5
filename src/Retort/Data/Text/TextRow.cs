namespace Retort.Data.Text;

/// <summary>One example as a reader leaves it.</summary>
/// <param name="Text">The text, or the first of a pair.</param>
/// <param name="Second">The second text of a pair; null where there is none.</param>
/// <param name="Label">The class; null where the targets are values, and where there is none.</param>
/// <param name="Value">The value to predict; NaN where it is unknown.</param>
sealed record TextRow(string Text, string? Second, string? Label, float Value = float.NaN);
