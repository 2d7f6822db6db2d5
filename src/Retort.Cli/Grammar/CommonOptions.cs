using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Retort.Runs;

namespace Retort.Cli.Grammar;

/// <summary>Options that several verbs share.</summary>
static class CommonOptions
{
    /// <summary>Settings of the recipe for one run.</summary>
    public static Option<string[]> Settings() => new("--set")
    {
        Description = "Changes one key of the recipe for this run: path=value. May stand several times.",
        HelpName = "path=value", DefaultValueFactory = _ => [], Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = false,
    };

    /// <summary>The answer as one JSON document.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Prints the result as one JSON document." };

    /// <summary>Nothing for people.</summary>
    public static Option<bool> Quiet() => new("--quiet", "-q") { Description = "Prints nothing but errors, and what --json asks for." };

    /// <summary>A whole number from a lowest one on; the message is ours.</summary>
    public static Option<int?> Whole(string name, int least, string description) => new(name)
    {
        Description = description, HelpName = "N", CustomParser = result => Whole(result, name, least),
    };

    /// <summary>One of a few words.</summary>
    public static Option<string> Word(string name, string description, params string[] words)
    {
        var option = new Option<string>(name) { Description = description, HelpName = string.Join('|', words) };
        option.CompletionSources.Add(words);
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var word }] && !words.Contains(word))
                result.AddError($"{name} must be {string.Join(" or ", words)}; it is \"{word}\".");
        });
        return option;
    }

    static int? Whole(ArgumentResult result, string name, int least)
    {
        var text = result.Tokens.Count == 0 ? "" : result.Tokens[0].Value;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least) return number;
        result.AddError(FormattableString.Invariant($"{name} must be a whole number of at least {least}; it is \"{text}\"."));
        return null;
    }
}
