namespace Retort.Cli.Display;

/// <summary>Breaks text into lines at spaces.</summary>
static class Wrapping
{
    /// <summary>
    /// The lines of a text, each with as many characters as the width at most; longer words are cut.
    /// </summary>
    public static IEnumerable<string> Lines(string text, int width)
    {
        var line = "";
        foreach (var word in text.Split(' ').SelectMany(word => Pieces(word, Math.Max(width, 8))))
        {
            if (line.Length > 0 && line.Length + word.Length >= width)
            {
                yield return line;
                line = "";
            }
            line += line.Length == 0 ? word : $" {word}";
        }
        yield return line;
    }

    static IEnumerable<string> Pieces(string word, int length)
    {
        for (; word.Length > length; word = word[length..]) yield return word[..length];
        yield return word;
    }
}
