namespace Retort.Data;

/// <summary>Counts files by the endings of their names.</summary>
sealed class EndingCounts
{
    readonly SortedDictionary<string, int> _counts = new(StringComparer.Ordinal);

    /// <summary>The first file's name in messages; null: there is no file.</summary>
    public string? First { get; private set; }

    /// <summary>Adds a file.</summary>
    public void Add(FileEntry entry)
    {
        var ending = Path.GetExtension(entry.Name).ToLowerInvariant();
        var kind = ending.Length > 0 ? ending : "without an ending";
        First ??= entry.DisplayName;
        _counts[kind] = _counts.GetValueOrDefault(kind) + 1;
    }

    /// <summary>Such as <c>1 .gif, 2 .tiff</c>.</summary>
    public override string ToString() =>
        string.Join(", ", _counts.Select(pair => Invariant($"{pair.Value} {pair.Key}")));
}
