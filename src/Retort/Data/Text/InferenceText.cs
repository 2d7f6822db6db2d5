namespace Retort.Data.Text;

/// <summary>A text to predict.</summary>
/// <param name="Name">Its file and number.</param>
/// <param name="Text">The text, or the first of a pair.</param>
/// <param name="Second">The second text of a pair; null where there is none.</param>
public sealed record InferenceText(string Name, string Text, string? Second)
{
    const int Megabytes = 2000;

    /// <summary>
    /// Reads the texts of a file: the columns of a .csv, .tsv, .jsonl or .parquet file, each line of another.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="columns">
    /// The names of the column of texts and, for pairs, of the second one; null: the only column with a usual name.
    /// </param>
    /// <exception cref="InvalidDataException">
    /// It is missing or damaged, a column is missing, or a text is empty.
    /// </exception>
    public static IEnumerable<InferenceText> Read(string path, IReadOnlyList<string>? columns)
    {
        var names = new TextColumns(columns?.ElementAtOrDefault(0), columns?.ElementAtOrDefault(1), null, null);
        return new TextFile(path, names, new(Megabytes)).Read()
            .Select((row, i) => new InferenceText(Invariant($"{path}:{i + 1}"), row.Text, row.Second));
    }
}
