using Retort.Runs;
using System.Globalization;

namespace Retort.Report;

/// <summary>Figures as people read them, in the invariant culture, with a true minus.</summary>
static class NumberFormat
{
    /// <summary>0.8612 → 86.12, without the sign.</summary>
    public static string Percent(double share, int digits = 2) => Fixed(100 * share, digits);

    /// <summary>0.0083 → 0.8: percentage points.</summary>
    public static string Points(double share, int digits = 1) => Fixed(100 * share, digits);

    /// <summary>0.0083 → +0.8: percentage points.</summary>
    public static string SignedPoints(double share, int digits = 1)
    {
        var text = Points(share, digits);
        return double.Parse(text.Replace('−', '-'), CultureInfo.InvariantCulture) > 0 ? "+" + text : text;
    }

    /// <summary>One digit after the point, or as many more (three at most) as keep what is not 0 from reading as 0.0.</summary>
    public static int PointDigits(params ReadOnlySpan<double> shares)
    {
        var digits = 1;
        foreach (var share in shares)
            while (digits < 3 && share != 0 && Math.Abs(100 * share) < 0.5 * Math.Pow(10, -digits)) digits++;
        return digits;
    }

    /// <summary>1234567 → 1,234,567.</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>1234567 → 1.23 M: three digits that count.</summary>
    public static string Short(long count) => Scaled(count, 1000, ["", " k", " M", " G", " T"]);

    /// <summary>In kB, MB, GB of 1000.</summary>
    public static string Bytes(long bytes) => Scaled(bytes, 1000, [" B", " kB", " MB", " GB", " TB"]);

    /// <summary>seed 1; seeds 1, 2, 3.</summary>
    public static string Seeds(IReadOnlyList<int> seeds) => $"{(seeds.Count == 1 ? "seed" : "seeds")} {string.Join(", ", seeds)}";

    public static string Fixed(double value, int digits)
    {
        var text = value.ToString("F" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return text.Trim('-', '0', '.').Length == 0 ? text.TrimStart('-') : text.Replace('-', '−');
    }

    /// <summary>Three digits that count: 0.0123, 1.23, 123.</summary>
    public static string Three(double value) => value == 0 ? "0" : Fixed(value, PlacesOfThree(value));

    /// <summary>How many places after the point three digits that count need; six at most.</summary>
    public static int PlacesOfThree(double value) => value == 0 ? 0
        : Math.Clamp(2 - (int)Math.Floor(Math.Log10(Math.Abs(value))), 0, 6);

    static string Scaled(double value, double step, ReadOnlySpan<string> units)
    {
        var unit = 0;
        while (value >= step && unit < units.Length - 1) (value, unit) = (value / step, unit + 1);
        return (unit == 0 ? Fixed(value, 0) : Three(value)) + units[unit];
    }
}
