using System.Text.RegularExpressions;

namespace Retort.Tests.House;

/// <summary>The fenced blocks of a page: files with their name above them, and commands.</summary>
static partial class PageBlocks
{
    /// <summary>The text of each file of a page, by the name in the comment above its block.</summary>
    public static Dictionary<string, string> Files(string page) =>
        NamedBlock().Matches(File.ReadAllText(Repository.At(page)))
            .ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);

    /// <summary>
    /// The lines of all blocks without a language that begin with these words, in the page's order; a line that is
    /// continued is one.
    /// </summary>
    public static IEnumerable<string> Commands(string page, string words) =>
        CommandBlock().Matches(File.ReadAllText(Repository.At(page)))
            .SelectMany(match => match.Groups[1].Value.Replace("\\\n  ", "", StringComparison.Ordinal).Split('\n'))
            .Where(line => line.StartsWith(words + " ", StringComparison.Ordinal));

    /// <summary>The words of a command, those in single quotes as one.</summary>
    public static string[] Words(string command) =>
        [.. Word().Matches(command).Select(match => match.Value.Replace("'", "", StringComparison.Ordinal))];

    [GeneratedRegex(@"<!-- (\S+) -->\n```\w+\n(.*?\n)```\n", RegexOptions.Singleline)]
    private static partial Regex NamedBlock();

    [GeneratedRegex(@"(?:[^\s']|'[^']*')+")]
    private static partial Regex Word();

    [GeneratedRegex(@"(?<=\n\n)```\n(.*?\n)```\n", RegexOptions.Singleline)]
    private static partial Regex CommandBlock();
}
