using System.Globalization;
using System.Text.Json.Nodes;

namespace Retort.Contracts;

/// <summary>A number greater than 0.</summary>
public sealed class PositiveAttribute() : NumberRuleAttribute(minimum: 0)
{
    /// <summary>The highest number that is allowed; any unless set.</summary>
    public double AtMost { get => Maximum; init => Maximum = value; }

    public override string Rule => double.IsFinite(AtMost)
        ? string.Create(CultureInfo.InvariantCulture, $"greater than 0 and at most {AtMost}")
        : "greater than 0";

    protected override bool ExcludesMinimum => true;
}

/// <summary>A number of at least 0.</summary>
public sealed class NotNegativeAttribute() : NumberRuleAttribute(minimum: 0)
{
    public override string Rule => "at least 0";
}

/// <summary>A number of at least another one.</summary>
/// <param name="least">The other one.</param>
public sealed class AtLeastAttribute(int least) : NumberRuleAttribute(least)
{
    /// <summary>Why, as it follows the rule: <c>since each seed's control is the next one's student</c>.</summary>
    public string Reason { get; init; } = "";

    public override string Rule =>
        string.Create(CultureInfo.InvariantCulture, $"at least {least}{(Reason.Length == 0 ? "" : $", {Reason}")}");
}

/// <summary>A number between 0 and 1, both included.</summary>
public sealed class ShareAttribute() : NumberRuleAttribute(0, 1)
{
    public override string Rule => "between 0 and 1";
}

/// <summary>A number of at least 0 and less than 1.</summary>
public sealed class LessThanOneAttribute() : NumberRuleAttribute(0, 1)
{
    public override string Rule => "at least 0 and less than 1";

    protected override bool ExcludesMaximum => true;
}

/// <summary>A number between two others, both included.</summary>
public sealed class BetweenAttribute : NumberRuleAttribute
{
    /// <summary>Any number between the two.</summary>
    public BetweenAttribute(double least, double most) : base(least, most) =>
        Rule = string.Create(CultureInfo.InvariantCulture, $"between {least} and {most}");

    /// <summary>Whole numbers from the first to the second.</summary>
    public BetweenAttribute(int least, int most) : base(least, most) =>
        Rule = string.Create(CultureInfo.InvariantCulture, $"from {least} to {most}");

    public override string Rule { get; }
}

/// <summary>One of a few numbers.</summary>
/// <param name="values">The numbers, rising; at least two.</param>
public sealed class OneOfAttribute(params int[] values) : NumberRuleAttribute
{
    public override string Rule => $"{string.Join(", ", values[..^1])} or {values[^1]}";

    public override void Limit(JsonObject schema)
    {
        var allowed = new JsonArray([.. values.Select(value => (JsonNode)value)]);
        var mayBeNull = schema["type"] is JsonArray types && types.Any(type => (string?)type == "null");
        if (mayBeNull) allowed.Add((JsonNode?)null);
        schema["enum"] = allowed;
    }

    protected override bool Allows(double value) => values.Any(allowed => allowed == value);
}

/// <summary>An odd number of at least 1.</summary>
public sealed class OddAttribute() : NumberRuleAttribute(minimum: 1)
{
    public override string Rule => "odd and at least 1";

    protected override bool Allows(double value) => base.Allows(value) && value % 2 == 1;
}

/// <summary>A number of the form step · n + offset with n at least 1, as the depths of residual networks are.</summary>
/// <param name="step">The step.</param>
/// <param name="offset">The offset.</param>
public sealed class ProgressionAttribute(int step, int offset) : NumberRuleAttribute(step + offset)
{
    /// <summary>The usual numbers, as the rule lists them: <c>8, 14, 20</c>.</summary>
    public required string Examples { get; init; }

    public override string Rule =>
        string.Create(CultureInfo.InvariantCulture, $"{step}n + {offset} with n at least 1 ({Examples})");

    protected override bool Allows(double value) => base.Allows(value) && (value - offset) % step == 0;
}

/// <summary>A share of the examples, above 0 and below 1, or a whole number of them.</summary>
public sealed class ShareOrCountAttribute() : NumberRuleAttribute(minimum: 0)
{
    public override string Rule => "a share above 0 and below 1, or a whole number of examples";

    protected override bool ExcludesMinimum => true;

    protected override bool Allows(double value) =>
        base.Allows(value) && (value < 1 || (value == Math.Floor(value) && value <= int.MaxValue));
}
