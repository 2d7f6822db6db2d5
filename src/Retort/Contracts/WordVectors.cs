namespace Retort.Contracts;

/// <summary>Words with a vector each.</summary>
public sealed class WordVectors
{
    readonly float[] _values;                                               // [N, D]
    readonly Dictionary<string, int> _rows;

    /// <param name="words">Each once.</param>
    /// <param name="values">Their vectors, word by word. [N, D]</param>
    public WordVectors(IReadOnlyList<string> words, float[] values)
    {
        if (words.Count == 0 || values.Length == 0 || values.Length % words.Count != 0) throw new ArgumentException(
            $"{words.Count} words need vectors of one width; {values.Length} numbers came.", nameof(values));

        (Words, _values, Width) = (words, values, values.Length / words.Count);
        _rows = words.Index().ToDictionary(one => one.Item, one => one.Index, StringComparer.Ordinal);
    }

    /// <summary>The words, in the order of their rows.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>D.</summary>
    public int Width { get; }

    /// <summary>The row of a word; -1 where it has none.</summary>
    public int RowOf(string word) => _rows.GetValueOrDefault(word, -1);

    /// <summary>The vector of a row. [D]</summary>
    public ReadOnlySpan<float> this[int row] => _values.AsSpan(row * Width, Width);

    /// <summary>The word whose vector is nearest by Euclidean distance; of equal ones the first.</summary>
    public string Nearest(ReadOnlySpan<float> vector)
    {
        var (best, nearest) = (0, double.PositiveInfinity);
        for (var row = 0; row < Words.Count; row++)
        {
            var own = this[row];
            var sum = 0.0;
            for (var i = 0; i < own.Length; i++) sum += (own[i] - vector[i]) * (double)(own[i] - vector[i]);
            if (sum < nearest) (best, nearest) = (row, sum);
        }
        return Words[best];
    }
}
