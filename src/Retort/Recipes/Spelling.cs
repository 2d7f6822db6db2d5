namespace Retort.Recipes;

/// <summary>Finds what a misspelt word was probably meant to be.</summary>
public static class Spelling
{
    /// <summary>The known word with the fewest letters changed; null where that is more than half of them.</summary>
    public static string? To(string word, IReadOnlyList<string> known)
    {
        var nearest = known.OrderBy(other => Distance(word, other)).ThenBy(other => other, StringComparer.Ordinal)
            .FirstOrDefault();
        if (nearest is null) return null;

        return 2 * Distance(word, nearest) <= Math.Max(word.Length, nearest.Length) ? nearest : null;
    }

    /// <summary>The end of a sentence: the word that was meant, or all known words.</summary>
    public static string Hint(string word, IReadOnlyList<string> known) =>
        To(word, known) is { } nearest ? $"did you mean \"{nearest}\"?"
        : known.Count == 0 ? "nothing is."
        : $"known: {string.Join(", ", known)}.";

    /// <summary>Whether one or two letters of a word are wrong.</summary>
    internal static bool IsNear(string word, IReadOnlyList<string> known) =>
        To(word, known) is { } nearest && Distance(word, nearest) <= 2;

    // Damerau's distance: letters inserted, left out, changed, or swapped with their neighbor; case is ignored
    static int Distance(string a, string b)
    {
        (a, b) = (a.ToUpperInvariant(), b.ToUpperInvariant());
        var cost = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++) cost[i, 0] = i;
        for (var j = 0; j <= b.Length; j++) cost[0, j] = j;

        for (var i = 1; i <= a.Length; i++)
            for (var j = 1; j <= b.Length; j++)
            {
                var changed = cost[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                cost[i, j] = Math.Min(changed, Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
            }
        return cost[a.Length, b.Length];
    }
}
