namespace Retort.Recipes;

/// <summary>What a misspelt word was probably meant to be.</summary>
public static class Nearest
{
    /// <summary>The known word with the fewest letters changed; null where more than half of them would have to.</summary>
    public static string? To(string word, IReadOnlyList<string> known)
    {
        var best = known.OrderBy(other => Distance(word, other)).ThenBy(other => other, StringComparer.Ordinal).FirstOrDefault();
        return best is not null && 2 * Distance(word, best) <= Math.Max(word.Length, best.Length) ? best : null;
    }

    /// <summary>The end of a sentence: what was meant, or all there is.</summary>
    public static string Hint(string word, IReadOnlyList<string> known) =>
        To(word, known) is { } near ? $"did you mean \"{near}\"?"
        : known.Count == 0 ? "nothing is."
        : $"known: {string.Join(", ", known)}.";

    // Levenshtein's: letters put in, left out or changed; the case of a letter counts for nothing
    static int Distance(string a, string b)
    {
        (a, b) = (a.ToUpperInvariant(), b.ToUpperInvariant());
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var corner = row[0]++;
            for (var j = 1; j <= b.Length; j++)
                (corner, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, corner + (a[i - 1] == b[j - 1] ? 0 : 1)));
        }
        return row[^1];
    }
}
