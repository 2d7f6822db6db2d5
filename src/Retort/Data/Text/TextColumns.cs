namespace Retort.Data.Text;

/// <summary>The columns that a reader of texts takes, by name or by position from 1.</summary>
/// <param name="Text">The text; null: the only known name of a column of texts.</param>
/// <param name="Second">The second text of a pair; null for none.</param>
/// <param name="Label">The class; null where there is none.</param>
/// <param name="Value">The value to predict; null where the targets are classes.</param>
/// <param name="Header">Whether the first line of a table has the columns' names.</param>
sealed record TextColumns(string? Text, string? Second, string? Label, string? Value, bool Header = true)
{
    /// <summary>What messages call the columns.</summary>
    public TextColumnNames Names { get; init; } = new("text", "secondText", "second text", "label", "class");

    /// <summary>The encoding of files without a byte order mark.</summary>
    public TextFileEncoding Encoding { get; init; }

    // names of the column of texts in published data
    static readonly string[] s_known =
        ["text", "sentence", "sentence1", "question", "review", "content", "premise", "title", "body", "document"];

    /// <summary>Whether a column of texts usually has one of these names.</summary>
    public static bool HasText(IEnumerable<string> names) => names.Any(s_known.Contains);

    /// <summary>The name of the column of texts among a file's columns.</summary>
    /// <param name="names">The file's columns.</param>
    /// <param name="path">The file, for messages.</param>
    public string TextName(IReadOnlyCollection<string> names, string path)
    {
        if (Text is not null) return Text;

        List<string> taken = [.. new[] { Second, Label, Value }.OfType<string>()];
        var known = s_known.Where(name => names.Contains(name) && !taken.Contains(name)).ToList();
        if (known.Count == 1) return known[0];

        var rest = names.Where(name => !taken.Contains(name)).ToList();
        return known.Count == 0 && rest.Count == 1 ? rest[0] : throw new InvalidDataException(
            $"{path}: the option \"text\" must name the column of texts; the columns are "
            + $"{string.Join(", ", names.Take(20).Select(name => name.OnOneLine().Shortened(40)))}.");
    }

    /// <summary>The columns in the order text, second text, label, value; null where one is not read.</summary>
    public IEnumerable<(string What, string? Name)> All(string text) =>
        [(Names.Text, text), (Names.Second, Second), (Names.Label, Label), ("value", Value)];
}

/// <summary>What messages call the columns.</summary>
/// <param name="Text">The column of texts: the option, and its content.</param>
/// <param name="Second">The option of the column of second texts.</param>
/// <param name="SecondText">Its content.</param>
/// <param name="Label">The option of the column of classes.</param>
/// <param name="Class">Its content.</param>
sealed record TextColumnNames(string Text, string Second, string SecondText, string Label, string Class);
