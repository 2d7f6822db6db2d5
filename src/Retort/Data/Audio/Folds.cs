namespace Retort.Data.Audio;

/// <summary>Which folds of a data set are its test and validation splits.</summary>
/// <param name="Test">The test split.</param>
/// <param name="Validation">The validation split.</param>
readonly record struct Folds(int Test, int Validation)
{
    /// <summary>The folds that the options name, or the last one and the one before.</summary>
    /// <param name="folds">The folds of the files.</param>
    /// <param name="test">The option <c>testFold</c>.</param>
    /// <param name="validation">The option <c>validationFold</c>.</param>
    /// <param name="path">The data set, for messages.</param>
    /// <exception cref="InvalidDataException">There is no such fold, or too few.</exception>
    public static Folds Of(IEnumerable<int> folds, int? test, int? validation, string path)
    {
        int[] all = [.. folds.Distinct().Order()];
        if (all.Length < 3) throw new InvalidDataException(
            $"{path} must have at least 3 folds, for training, validation and test; it has {all.Length}.");

        var chosen = Known(test ?? (all[^1] == validation ? all[^2] : all[^1]), "testFold");
        return new(chosen, Known(validation ?? Before(chosen), "validationFold"));

        int Before(int fold) => all[(Array.IndexOf(all, fold) + all.Length - 1) % all.Length];

        int Known(int fold, string option) => all.Contains(fold) ? fold : throw new InvalidDataException(Invariant(
            $"{path} has no fold {fold}, which \"{option}\" names; it has the folds ")
            + $"{string.Join(", ", all)}.");
    }

    /// <summary>The split of a fold: training (0), validation (1), test (2).</summary>
    public int SplitOf(int fold) => fold == Test ? 2 : fold == Validation ? 1 : 0;
}
