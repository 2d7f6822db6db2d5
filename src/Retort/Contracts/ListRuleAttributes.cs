using System.Collections;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Retort.Contracts;

/// <summary>A list with at least one element.</summary>
/// <param name="element">What an element is called.</param>
public sealed class NotEmptyAttribute(string element = "number") : OptionRuleAttribute
{
    public override string Rule => $"at least one {element}";

    public override string? Check(object value) =>
        ((IEnumerable)value).Cast<object>().Any() ? null : $"must have {Rule}; it is empty.";

    public override void Limit(JsonObject schema) => schema["minItems"] = 1;
}

/// <summary>A list with a certain number of elements.</summary>
/// <param name="least">The fewest.</param>
/// <param name="most">The most.</param>
/// <param name="rule">The rule in words: <c>four numbers, of the stem and of three stages</c>.</param>
public sealed class CountAttribute(int least, int most, string rule) : OptionRuleAttribute
{
    public override string Rule => rule;

    public override string? Check(object value)
    {
        var count = ((IEnumerable)value).Cast<object>().Count();
        return count >= least && count <= most ? null
            : string.Create(CultureInfo.InvariantCulture, $"must be {rule}; they are {count}.");
    }

    public override void Limit(JsonObject schema)
    {
        if (least > 0) schema["minItems"] = least;
        if (most < int.MaxValue) schema["maxItems"] = most;
    }
}

/// <summary>A list of numbers, each greater than the one before.</summary>
public sealed class RisingAttribute : OptionRuleAttribute
{
    public override string Rule => "rising";

    public override string? Check(object value)
    {
        List<double> numbers = [.. ((IEnumerable)value).Cast<object>()
            .Select(number => Convert.ToDouble(number, CultureInfo.InvariantCulture))];
        foreach (var (before, number) in numbers.Zip(numbers.Skip(1)))
            if (number <= before) return string.Create(
                CultureInfo.InvariantCulture, $"must be rising, and {before} comes before; it is {number}.");
        return null;
    }
}

/// <summary>An absolute address of the web.</summary>
public sealed class HttpUrlAttribute : OptionRuleAttribute
{
    public override string Rule => "an address that begins with http:// or https://";

    public override string? Check(object value)
    {
        if (!Uri.TryCreate((string)value, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            return $"must be {Rule}{(HasSecret((string)value) ? "" : $"; it is \"{value}\"")}.";
        return url.UserInfo.Length == 0 && url.Query.Length == 0 && url.Fragment.Length == 0 ? null
            : "must have no user name, password, query or fragment, since a recipe is copied into the files of its "
                + "runs: put a password or key into an environment variable and name it in \"tokenVariable\".";
    }

    // a password may be in a text that is no address too: it is not printed
    static bool HasSecret(string text) => text.AsSpan().ContainsAny('@', '?', '#');
}
