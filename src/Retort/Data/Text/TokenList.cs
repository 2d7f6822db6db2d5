namespace Retort.Data.Text;

/// <summary>Tokens and their ids while a vocabulary is learned.</summary>
sealed class TokenList
{
    readonly List<string> _texts = [];
    readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);

    /// <summary>The tokens by id.</summary>
    public IReadOnlyList<string> Texts => _texts;

    /// <summary>The number of tokens.</summary>
    public int Count => _texts.Count;

    /// <summary>The token of an id.</summary>
    public string this[int id] => _texts[id];

    /// <summary>The id of a token, which is added where it is new.</summary>
    public int Add(string token)
    {
        if (_ids.TryGetValue(token, out var id)) return id;

        _ids.Add(token, _texts.Count);
        _texts.Add(token);
        return _texts.Count - 1;
    }
}
