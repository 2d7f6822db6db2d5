namespace Retort.Training;

/// <summary>A score on validation.</summary>
/// <param name="Title">The score's title: accuracy.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Value">Its value.</param>
public sealed record ValidationScore(string Title, ScoreUnit Unit, double Value)
{
    /// <summary>As a person reads it: <c>accuracy 78.50 %</c>.</summary>
    public override string ToString() => Unit == ScoreUnit.Percent
        ? $"{Title} {NumberFormat.Percent(Value)} %"
        : $"{Title} {NumberFormat.Fixed(Value, 4)}";
}
