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

    /// <summary>Writes the rule's bounds into the JSON Schema of a value, as far as that can state them.</summary>
    public virtual void Limit(JsonObject schema) { }
}

/// <summary>A rule of a number; on a list of numbers it holds for each of them. Numbers must be finite.</summary>
/// <param name="minimum">The lowest number that is allowed.</param>
/// <param name="maximum">The highest number that is allowed.</param>
public abstract class NumberRuleAttribute(
    double minimum = double.NegativeInfinity, double maximum = double.PositiveInfinity) : OptionRuleAttribute
{
    /// <summary>The lowest number that is allowed.</summary>
    protected double Minimum { get; init; } = minimum;

    /// <summary>The highest number that is allowed.</summary>
    protected double Maximum { get; init; } = maximum;

    /// <summary>Whether numbers must be greater than <see cref="Minimum"/>.</summary>
    protected virtual bool ExcludesMinimum => false;

    /// <summary>Whether numbers must be less than <see cref="Maximum"/>.</summary>
    protected virtual bool ExcludesMaximum => false;

    public sealed override string? Check(object value) => value is IEnumerable list
        ? list.Cast<object>().Select(CheckOne).FirstOrDefault(wrong => wrong is not null)
        : CheckOne(value);

    public override void Limit(JsonObject schema)
    {
        if (double.IsFinite(Minimum)) schema[ExcludesMinimum ? "exclusiveMinimum" : "minimum"] = Minimum;
        if (double.IsFinite(Maximum)) schema[ExcludesMaximum ? "exclusiveMaximum" : "maximum"] = Maximum;
    }

    /// <summary>Whether a finite number obeys the rule.</summary>
    protected virtual bool Allows(double value) =>
        (ExcludesMinimum ? value > Minimum : value >= Minimum)
        && (ExcludesMaximum ? value < Maximum : value <= Maximum);

    string? CheckOne(object value)
    {
        var number = Convert.ToDouble(value, CultureInfo.InvariantCulture);
        if (double.IsFinite(number) && Allows(number)) return null;

        var rule = double.IsFinite(number) ? Rule : "a finite number";
        return string.Create(CultureInfo.InvariantCulture, $"must be {rule}; it is {value}.");
    }
}
