using System.CommandLine;
using System.CommandLine.Parsing;
using Retort.Recipes;

namespace Retort.Cli.Grammar;

/// <summary>One sentence about a command line that cannot be parsed.</summary>
static class UsageError
{
    /// <summary>What is wrong, and what was probably meant.</summary>
    public static string Message(ParseResult parsed)
    {
        var result = parsed.CommandResult;
        var verb = Path(result);
        if (parsed.UnmatchedTokens is [var word, ..])
        {
            var known = KnownWords(result, word);
            return known.Count == 0
                ? $"{verb}: \"{word}\" is one argument too many; `{verb} --help` shows an example."
                : $"{verb}: \"{word}\" is not known here; {Spelling.Hint(word, known)}";
        }

        var verbs = VisibleVerbs(result.Command);
        if (verbs.Count > 0 && result.Command.Action is null) return $"{verb} needs one of {string.Join(", ", verbs)}.";

        foreach (var argument in result.Command.Arguments)
        {
            var isMissing = result.GetResult(argument) is null or { Tokens.Count: 0 };
            if (argument.Arity.MinimumNumberOfValues > 0 && isMissing)
                return $"{verb}: {argument.Name} is missing; `{verb} --help` shows an example.";
        }
        return $"{verb}: {parsed.Errors[0].Message}";
    }

    static string Path(CommandResult result) =>
        result.Parent is CommandResult parent ? $"{Path(parent)} {result.Command.Name}" : "retort";

    static List<string> KnownWords(CommandResult result, string word)
    {
        if (!word.StartsWith('-')) return VisibleVerbs(result.Command);

        var options = result.Command.Options.Concat(InheritedOptions(result));
        return [.. options.Where(option => !option.Hidden).Select(option => option.Name)];
    }

    static List<string> VisibleVerbs(Command command) =>
        [.. command.Subcommands.Where(verb => !verb.Hidden).Select(verb => verb.Name)];

    static IEnumerable<Option> InheritedOptions(CommandResult result) => result.Parent is CommandResult parent
        ? parent.Command.Options.Where(option => option.Recursive).Concat(InheritedOptions(parent))
        : [];
}
