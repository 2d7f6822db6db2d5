namespace Retort.Tasks;

/// <summary>Checks of the targets that stored predictions come with.</summary>
static class StoredTargets
{
    /// <summary>Refuses predictions without a target for each output.</summary>
    /// <exception cref="ArgumentException">Says how many there are.</exception>
    public static void Check(Predictions predictions)
    {
        if (predictions.Targets?.Length == predictions.Values.Length) return;

        throw new ArgumentException(FormattableString.Invariant($"Each of {predictions.Count} examples must have ")
            + FormattableString.Invariant($"{predictions.Width} targets; {predictions.Targets?.Length ?? 0} came in all."));
    }
}
