using System.CommandLine;
using System.CommandLine.Parsing;
using Retort.Recipes;

namespace Retort.Cli.Grammar;

/// <summary>A command line that cannot be carried out, as one sentence.</summary>
static class UsageError
{
    /// <summary>What is wrong with it, and what was probably meant.</summary>
    public static string Of(ParseResult parsed)
    {
        var at = parsed.CommandResult;
        var verb = Path(at);
        if (parsed.UnmatchedTokens is [var extra, ..] && Known(at, extra).Count == 0) return $"{verb}: \"{extra}\" is one word too many; `{verb} --help` shows an example.";
        if (parsed.UnmatchedTokens is [var unknown, ..]) return $"{verb}: \"{unknown}\" is not known here; {Spelling.Hint(unknown, Known(at, unknown))}";
        if (at.Command.Subcommands.Any(command => !command.Hidden) && at.Command.Action is null)
            return $"{verb} needs one of {string.Join(", ", at.Command.Subcommands.Where(command => !command.Hidden).Select(command => command.Name))}.";
        foreach (var argument in at.Command.Arguments)
            if (argument.Arity.MinimumNumberOfValues > 0 && at.GetResult(argument) is null or { Tokens.Count: 0 })
                return $"{verb}: {argument.Name} is missing; `{verb} --help` shows an example.";
        return $"{verb}: {parsed.Errors[0].Message}";
    }

    static string Path(CommandResult at) => at.Parent is CommandResult above ? $"{Path(above)} {at.Command.Name}" : "retort";

    static List<string> Known(CommandResult at, string word)
    {
        var options = at.Command.Options.Concat(Above(at)).Where(option => !option.Hidden).Select(option => option.Name);
        return word.StartsWith('-') ? [.. options] : [.. at.Command.Subcommands.Where(command => !command.Hidden).Select(command => command.Name)];
    }

    static IEnumerable<Option> Above(CommandResult at) => at.Parent is CommandResult above
        ? above.Command.Options.Where(option => option.Recursive).Concat(Above(above))
        : [];
}
