namespace Retort.Data;

/// <summary>
/// Labels as they are read: equal names are one object in memory, and a name is the same in each Unicode form (é as one
/// character, or as e with an accent).
/// </summary>
sealed class ClassLabels
{
    readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);

    /// <summary>The name in the form in which it came first.</summary>
    public string Unique(string name, out bool isNew)
    {
        var key = UnicodeForm.Compose(name);
        isNew = _names.TryAdd(key, name);
        return _names[key];
    }

    /// <inheritdoc cref="Unique(string, out bool)"/>
    public string Unique(string name) => Unique(name, out _);
}
