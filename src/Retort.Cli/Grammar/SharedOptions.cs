using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using static System.FormattableString;

namespace Retort.Cli.Grammar;

/// <summary>Options that several verbs share, and kinds of options.</summary>
static class SharedOptions
{
    /// <summary>Changes of the recipe for one run.</summary>
    public static Option<string[]> Settings() => new("--set")
    {
        Description = "Changes one key of the recipe for this run, and may be repeated.",
        HelpName = "path=value",
        DefaultValueFactory = _ => [],
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    /// <summary>JSON on the standard output.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Prints the result as one JSON document." };

    /// <summary>No progress and no summary.</summary>
    public static Option<bool> Quiet() => new("--quiet", "-q")
    {
        Description = "Prints nothing but errors and the output of --json.",
    };

    /// <summary>The device of networks.</summary>
    public static Option<string> Device(string description) => Choice("--device", description, "cpu", "cuda");

    /// <summary>A text.</summary>
    public static Option<string?> Text(string name, string helpName, string description) =>
        new(name) { Description = description, HelpName = helpName };

    /// <summary>The folder to write.</summary>
    public static Option<string?> Out(string description)
    {
        var option = Text("--out", "folder", description);
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: "" }]) result.AddError("--out must be the path of a folder; it is empty.");
        });
        return option;
    }

    /// <summary>A text option that may be repeated.</summary>
    public static Option<string[]?> Texts(string name, string helpName, string description) =>
        new(name) { Description = description, HelpName = helpName };

    /// <summary>An integer with a minimum.</summary>
    public static Option<int?> Integer(string name, int minimum, string description) => new(name)
    {
        Description = description, HelpName = "N", CustomParser = result => ParseInteger(result, name, minimum),
    };

    /// <summary>One of a few words.</summary>
    public static Option<string> Choice(string name, string description, params string[] words)
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

    static int? ParseInteger(ArgumentResult result, string name, int minimum)
    {
        var text = result.Tokens.Count == 0 ? "" : result.Tokens[0].Value;
        var isInteger = int.TryParse(
            text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number);
        if (isInteger && number >= minimum) return number;

        result.AddError(Invariant($"{name} must be a whole number of at least {minimum}; it is \"{text}\"."));
        return null;
    }
}
