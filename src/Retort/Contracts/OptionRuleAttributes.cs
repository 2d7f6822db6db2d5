using System.Collections;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Retort.Contracts;

/// <summary>
/// A rule that the value of one option obeys. <see cref="OptionRules"/> checks it; the JSON Schema and the page of all
/// keys state it. An option that is null breaks no rule.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public abstract class OptionRuleAttribute : Attribute
{
    /// <summary>The rule as it follows "must be" or "must have": <c>greater than 0</c>.</summary>
    public abstract string Rule { get; }

    /// <summary>The end of a sentence that the option's name begins: <c>must be greater than 0; it is -1.</c></summary>
    /// <returns>Null for a value that obeys the rule.</returns>
    public abstract string? Check(object value);

    /// <summary>Writes the rule's bounds into the JSON Schema of a value, as far as JSON Schema can state them.</summary>
    public virtual void Limit(JsonObject schema) { }
}

/// <summary>A rule of a number; on a list of numbers it holds for each of them. Numbers must be finite.</summary>
public abstract class NumberRuleAttribute : OptionRuleAttribute
{
    /// <summary>The lowest number that is allowed.</summary>
    protected double Minimum { get; init; } = double.NegativeInfinity;

    /// <summary>The highest number that is allowed.</summary>
    protected double Maximum { get; init; } = double.PositiveInfinity;

    /// <summary>Whether numbers must be greater than <see cref="Minimum"/>.</summary>
    protected virtual bool ExcludesMinimum => false;

    /// <summary>Whether numbers must be less than <see cref="Maximum"/>.</summary>
    protected virtual bool ExcludesMaximum => false;

    /// <inheritdoc/>
    public sealed override string? Check(object value) => value is IEnumerable list
        ? list.Cast<object>().Select(CheckOne).FirstOrDefault(wrong => wrong is not null)
        : CheckOne(value);

    /// <inheritdoc/>
    public override void Limit(JsonObject schema)
    {
        if (double.IsFinite(Minimum)) schema[ExcludesMinimum ? "exclusiveMinimum" : "minimum"] = Minimum;
        if (double.IsFinite(Maximum)) schema[ExcludesMaximum ? "exclusiveMaximum" : "maximum"] = Maximum;
    }

    /// <summary>Whether a finite number obeys the rule.</summary>
    protected virtual bool Allows(double value) =>
        (ExcludesMinimum ? value > Minimum : value >= Minimum) && (ExcludesMaximum ? value < Maximum : value <= Maximum);

    string? CheckOne(object value)
    {
        var number = Convert.ToDouble(value, CultureInfo.InvariantCulture);
        if (!double.IsFinite(number)) return string.Create(CultureInfo.InvariantCulture, $"must be a finite number; it is {value}.");
        return Allows(number) ? null : string.Create(CultureInfo.InvariantCulture, $"must be {Rule}; it is {value}.");
    }
}

/// <summary>A number greater than 0.</summary>
public sealed class PositiveAttribute : NumberRuleAttribute
{
    /// <inheritdoc cref="PositiveAttribute"/>
    public PositiveAttribute() => Minimum = 0;

    /// <summary>The highest number that is allowed; any unless set.</summary>
    public double AtMost { get => Maximum; init => Maximum = value; }

    /// <inheritdoc/>
    public override string Rule => double.IsFinite(AtMost)
        ? string.Create(CultureInfo.InvariantCulture, $"greater than 0 and at most {AtMost}")
        : "greater than 0";

    /// <inheritdoc/>
    protected override bool ExcludesMinimum => true;
}

/// <summary>A number of at least 0.</summary>
public sealed class NotNegativeAttribute : NumberRuleAttribute
{
    /// <inheritdoc cref="NotNegativeAttribute"/>
    public NotNegativeAttribute() => Minimum = 0;

    /// <inheritdoc/>
    public override string Rule => "at least 0";
}

/// <summary>A number of at least <paramref name="least"/>.</summary>
/// <param name="least">The lowest number that is allowed.</param>
public sealed class AtLeastAttribute : NumberRuleAttribute
{
    /// <inheritdoc cref="AtLeastAttribute"/>
    public AtLeastAttribute(int least) => Minimum = least;

    /// <summary>Why, as it follows the rule: <c>since each seed's control is the next one's student</c>.</summary>
    public string Reason { get; init; } = "";

    /// <inheritdoc/>
    public override string Rule =>
        string.Create(CultureInfo.InvariantCulture, $"at least {Minimum}{(Reason.Length == 0 ? "" : $", {Reason}")}");
}

/// <summary>A number between 0 and 1, both included.</summary>
public sealed class ShareAttribute : NumberRuleAttribute
{
    /// <inheritdoc cref="ShareAttribute"/>
    public ShareAttribute() => (Minimum, Maximum) = (0, 1);

    /// <inheritdoc/>
    public override string Rule => "between 0 and 1";
}

/// <summary>A number of at least 0 and less than 1.</summary>
public sealed class Below1Attribute : NumberRuleAttribute
{
    /// <inheritdoc cref="Below1Attribute"/>
    public Below1Attribute() => (Minimum, Maximum) = (0, 1);

    /// <inheritdoc/>
    public override string Rule => "at least 0 and less than 1";

    /// <inheritdoc/>
    protected override bool ExcludesMaximum => true;
}

/// <summary>A number between two others, both included.</summary>
public sealed class BetweenAttribute : NumberRuleAttribute
{
    /// <summary>Any number between the two.</summary>
    public BetweenAttribute(double least, double most)
    {
        (Minimum, Maximum) = (least, most);
        Rule = string.Create(CultureInfo.InvariantCulture, $"between {least} and {most}");
    }

    /// <summary>Whole numbers from the first to the second.</summary>
    public BetweenAttribute(int least, int most)
    {
        (Minimum, Maximum) = (least, most);
        Rule = string.Create(CultureInfo.InvariantCulture, $"from {least} to {most}");
    }

    /// <inheritdoc/>
    public override string Rule { get; }
}

/// <summary>One of a few numbers.</summary>
/// <param name="values">The numbers, rising; at least two.</param>
public sealed class OneOfAttribute(params int[] values) : NumberRuleAttribute
{
    /// <inheritdoc/>
    public override string Rule => $"{string.Join(", ", values[..^1])} or {values[^1]}";

    /// <inheritdoc/>
    public override void Limit(JsonObject schema) => schema["enum"] = new JsonArray([.. values.Select(value => (JsonNode)value)]);

    /// <inheritdoc/>
    protected override bool Allows(double value) => values.Any(allowed => allowed == value);
}

/// <summary>An odd number of at least 1.</summary>
public sealed class OddAttribute : NumberRuleAttribute
{
    /// <inheritdoc cref="OddAttribute"/>
    public OddAttribute() => Minimum = 1;

    /// <inheritdoc/>
    public override string Rule => "odd and at least 1";

    /// <inheritdoc/>
    protected override bool Allows(double value) => base.Allows(value) && value % 2 == 1;
}

/// <summary>A number of the form step · n + offset with n at least 1, as the depths of residual networks are.</summary>
public sealed class ProgressionAttribute : NumberRuleAttribute
{
    readonly int _step;
    readonly int _offset;

    /// <inheritdoc cref="ProgressionAttribute"/>
    public ProgressionAttribute(int step, int offset)
    {
        (_step, _offset) = (step, offset);
        Minimum = step + offset;
    }

    /// <summary>The usual numbers, as the rule lists them: <c>8, 14, 20</c>.</summary>
    public required string Examples { get; init; }

    /// <inheritdoc/>
    public override string Rule =>
        string.Create(CultureInfo.InvariantCulture, $"{_step}n + {_offset} with n at least 1 ({Examples})");

    /// <inheritdoc/>
    protected override bool Allows(double value) => base.Allows(value) && (value - _offset) % _step == 0;
}

/// <summary>A share of the examples, at least 0 and below 1, or a whole number of them.</summary>
public sealed class ShareOrCountAttribute : NumberRuleAttribute
{
    /// <inheritdoc cref="ShareOrCountAttribute"/>
    public ShareOrCountAttribute() => (Minimum, Maximum) = (0, int.MaxValue);

    /// <inheritdoc/>
    public override string Rule => "a share below 1 or a whole number of examples";

    /// <inheritdoc/>
    protected override bool Allows(double value) => base.Allows(value) && (value < 1 || value == Math.Floor(value));
}

/// <summary>A list with at least one element.</summary>
/// <param name="element">What an element is called.</param>
public sealed class NotEmptyAttribute(string element = "number") : OptionRuleAttribute
{
    /// <inheritdoc/>
    public override string Rule => $"at least one {element}";

    /// <inheritdoc/>
    public override string? Check(object value) =>
        ((IEnumerable)value).Cast<object>().Any() ? null : $"must have {Rule}; it is empty.";

    /// <inheritdoc/>
    public override void Limit(JsonObject schema) => schema["minItems"] = 1;
}

/// <summary>A list with a certain number of elements.</summary>
/// <param name="least">The fewest.</param>
/// <param name="most">The most.</param>
/// <param name="rule">The rule in words: <c>four numbers, of the stem and of three stages</c>.</param>
public sealed class CountAttribute(int least, int most, string rule) : OptionRuleAttribute
{
    /// <inheritdoc/>
    public override string Rule => rule;

    /// <inheritdoc/>
    public override string? Check(object value)
    {
        var count = ((IEnumerable)value).Cast<object>().Count();
        return count >= least && count <= most ? null
            : string.Create(CultureInfo.InvariantCulture, $"must be {rule}; they are {count}.");
    }

    /// <inheritdoc/>
    public override void Limit(JsonObject schema)
    {
        if (least > 0) schema["minItems"] = least;
        if (most < int.MaxValue) schema["maxItems"] = most;
    }
}

/// <summary>A list of numbers, each greater than the one before.</summary>
public sealed class RisingAttribute : OptionRuleAttribute
{
    /// <inheritdoc/>
    public override string Rule => "rising";

    /// <inheritdoc/>
    public override string? Check(object value)
    {
        List<double> numbers = [.. ((IEnumerable)value).Cast<object>().Select(one => Convert.ToDouble(one, CultureInfo.InvariantCulture))];
        foreach (var (before, number) in numbers.Zip(numbers.Skip(1)))
            if (number <= before) return string.Create(
                CultureInfo.InvariantCulture, $"must be rising, and {before} comes before; it is {number}.");
        return null;
    }
}

/// <summary>An absolute address of the web.</summary>
public sealed class HttpUrlAttribute : OptionRuleAttribute
{
    /// <inheritdoc/>
    public override string Rule => "an address that begins with http:// or https://";

    /// <inheritdoc/>
    public override string? Check(object value) =>
        Uri.TryCreate((string)value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? null
            : $"must be {Rule}; it is \"{value}\".";
}
