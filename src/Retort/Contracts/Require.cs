using System.Runtime.CompilerServices;

namespace Retort.Contracts;

/// <summary>Range checks for options; the message names the option.</summary>
public static class Require
{
    /// <summary>Greater than 0 and finite.</summary>
    public static double Positive(double value, [CallerMemberName] string option = "") =>
        value > 0 && double.IsFinite(value) ? value : throw Wrong(option, "greater than 0", value);

    /// <summary>At least 0 and finite.</summary>
    public static double NotNegative(double value, [CallerMemberName] string option = "") =>
        value >= 0 && double.IsFinite(value) ? value : throw Wrong(option, "at least 0", value);

    /// <summary>At least 1.</summary>
    public static int Positive(int value, [CallerMemberName] string option = "") => AtLeast(1, value, option);

    /// <summary>At least 0.</summary>
    public static int NotNegative(int value, [CallerMemberName] string option = "") => AtLeast(0, value, option);

    /// <summary>At least this minimum.</summary>
    public static int AtLeast(int least, int value, [CallerMemberName] string option = "") =>
        value >= least ? value : throw Wrong(option, FormattableString.Invariant($"at least {least}"), value);

    /// <summary>A rule of one option alone; the sentence states the rule and the value.</summary>
    public static void That(bool holds, string sentence, [CallerMemberName] string option = "")
    {
        if (!holds) throw new ArgumentOutOfRangeException(option, null, sentence);
    }

    /// <summary>Between 0 and 1, both included.</summary>
    public static double Share(double value, [CallerMemberName] string option = "") =>
        value is >= 0 and <= 1 ? value : throw Wrong(option, "between 0 and 1", value);

    /// <summary>At least 0 and less than 1.</summary>
    public static double Below1(double value, [CallerMemberName] string option = "") =>
        value is >= 0 and < 1 ? value : throw Wrong(option, "at least 0 and less than 1", value);

    /// <summary>At least one number, each at least 1.</summary>
    public static IReadOnlyList<int> AllPositive(IReadOnlyList<int> values, [CallerMemberName] string option = "")
    {
        That(values.Count > 0, $"{option} must have at least one number; it is empty.", option);
        foreach (var value in values) Positive(value, option);
        return values;
    }

    /// <summary>At least one number, each greater than 0 and finite.</summary>
    public static IReadOnlyList<double> AllPositive(IReadOnlyList<double> values, [CallerMemberName] string option = "")
    {
        That(values.Count > 0, $"{option} must have at least one number; it is empty.", option);
        foreach (var value in values) Positive(value, option);
        return values;
    }

    /// <summary>Shares, each greater than the one before.</summary>
    public static IReadOnlyList<double> RisingShares(
        IReadOnlyList<double> values, [CallerMemberName] string option = "")
    {
        for (var i = 0; i < values.Count; i++)
            if (Share(values[i], option) is var value && i > 0 && value <= values[i - 1])
                throw Wrong(option, FormattableString.Invariant($"rising, and {values[i - 1]} comes before"), value);
        return values;
    }

    static ArgumentOutOfRangeException Wrong(string option, string rule, IFormattable value) =>
        new(option, null, FormattableString.Invariant($"{option} must be {rule}; it is {value}."));
}
