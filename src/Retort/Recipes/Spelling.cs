namespace Retort.Recipes;

/// <summary>What a misspelt word was probably meant to be.</summary>
public static class Spelling
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

    // letters put in, left out, changed, or swapped with their neighbour (Damerau's); their case counts for nothing
    static int Distance(string a, string b)
    {
        (a, b) = (a.ToUpperInvariant(), b.ToUpperInvariant());
        var cost = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    cost[i, j] = i + j;
                    continue;
                }
                cost[i, j] = Math.Min(Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1, cost[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
            }
        }
        return cost[a.Length, b.Length];
    }
}
