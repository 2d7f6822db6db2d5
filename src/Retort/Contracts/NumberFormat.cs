using System.Globalization;

namespace Retort.Contracts;

/// <summary>Numbers as people read them: invariant culture, a true minus sign.</summary>
public static class NumberFormat
{
    /// <summary>What a table shows where there is no value.</summary>
    public const string None = "–";

    /// <summary>0.8612 → 86.12, without the percent sign.</summary>
    public static string Percent(double share, int digits = 2) => Fixed(100 * share, digits);

    /// <summary>0.0083 → 0.8: percentage points.</summary>
    public static string Points(double share, int digits = 1) => Fixed(100 * share, digits);

    /// <summary>0.0083 → +0.8: percentage points.</summary>
    public static string SignedPoints(double share, int digits = 1) => Signed(100 * share, digits);

    /// <summary>0.0423 → +0.042.</summary>
    public static string Signed(double value, int digits)
    {
        var text = Fixed(value, digits);
        return double.Parse(text.Replace('−', '-'), CultureInfo.InvariantCulture) > 0 ? "+" + text : text;
    }

    /// <summary>The fewest digits after the point, within bounds, with which no value but 0 reads as 0.</summary>
    public static int VisibleDigits(int least, int most, params ReadOnlySpan<double> values)
    {
        var digits = least;
        foreach (var value in values)
            while (digits < most && value != 0 && Math.Abs(value) < 0.5 * Math.Pow(10, -digits)) digits++;
        return digits;
    }

    /// <summary>1234567 → 1,234,567.</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>1234567 → 1.23 M.</summary>
    public static string Short(long count) => Scaled(count, ["", " k", " M", " G", " T"], Three);

    /// <summary>In kB, MB, GB of 1000.</summary>
    public static string Bytes(long bytes) => Scaled(bytes, [" B", " kB", " MB", " GB", " TB"], Three);

    /// <summary>The same with one digit after the point at most: 980 B, 4.8 MB, 1.3 GB.</summary>
    public static string ShortBytes(long bytes) =>
        Scaled(bytes, [" B", " kB", " MB", " GB", " TB"], value => Rounded(value, 1));

    /// <summary>In MiB or GiB of 1024: 7.6 GiB.</summary>
    public static string BinaryBytes(long bytes) => bytes >= 1L << 30
        ? Fixed(bytes / (double)(1L << 30), 1) + " GiB"
        : Fixed(bytes / (double)(1L << 20), 1) + " MiB";

    /// <summary>A duration in one unit: 12.5 µs, 3.1 ms, 8 s, 12 min, 2.5 h.</summary>
    public static string ShortDuration(double seconds) => seconds switch
    {
        < 1e-3 => Rounded(seconds * 1e6, 1) + " µs",
        < 1 => Rounded(seconds * 1e3, 1) + " ms",
        < 100 => Rounded(seconds, 1) + " s",
        < 6000 => Rounded(seconds / 60, 0) + " min",
        _ => Rounded(seconds / 3600, 1) + " h",
    };

    /// <summary>A duration in two units: 8 s, 2 min 5 s, 3 h 10 min.</summary>
    public static string Duration(TimeSpan time) => time switch
    {
        { TotalSeconds: < 59.5 } => Invariant($"{time.TotalSeconds:0} s"),
        { TotalSeconds: < 60 } => "1 min 0 s",
        { TotalMinutes: < 60 } => Invariant($"{(int)time.TotalMinutes} min {time.Seconds} s"),
        _ => Invariant($"{(int)time.TotalHours} h {time.Minutes} min"),
    };

    /// <summary>seed 1; seeds 1, 2, 3.</summary>
    public static string Seeds(IReadOnlyList<int> seeds) =>
        $"{(seeds.Count == 1 ? "seed" : "seeds")} {string.Join(", ", seeds)}";

    /// <summary>A number as it is: 0.05.</summary>
    public static string Plain(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);

    /// <summary>So many digits after the point.</summary>
    public static string Fixed(double value, int digits)
    {
        var text = value.ToString("F" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return text.Trim('-', '0', '.').Length == 0 ? text.TrimStart('-') : text.Replace('-', '−');
    }

    /// <summary>So many digits after the point at most, without the zeros at the end: 2.5, 3.</summary>
    /// <param name="value">The number.</param>
    /// <param name="most">The most digits.</param>
    /// <param name="least">The fewest digits, zeros or not.</param>
    public static string Rounded(double value, int most, int least = 0)
    {
        var format = "0." + new string('0', least) + new string('#', most - least);
        return value.ToString(format, CultureInfo.InvariantCulture).Replace('-', '−');
    }

    /// <summary>Three significant digits: 0.0123, 1.23, 123.</summary>
    public static string Three(double value) => value == 0 ? "0" : Fixed(value, PlacesOfThree(value));

    /// <summary>Three significant digits of the mean, and the deviation to as many places.</summary>
    public static string Three(SeedStatistics values) =>
        WithDeviation(values, PlacesOfThree(values.Mean), Three(values.Mean));

    /// <summary>How many places after the point three significant digits need, six at most.</summary>
    public static int PlacesOfThree(double value) => Places(value, 3);

    /// <summary>How many places after the point so many significant digits need, six at most.</summary>
    public static int Places(double value, int digits) => value == 0 ? 0
        : Math.Clamp(digits - 1 - (int)Math.Floor(Math.Log10(Math.Abs(value))), 0, 6);

    /// <summary>86.12 ± 0.34, in percent.</summary>
    public static string Percent(SeedStatistics shares, int digits = 2) =>
        Percent(shares.Mean, digits) + (shares.Sd is { } sd ? " ± " + Percent(sd, digits) : "");

    /// <summary>0.2345 ± 0.0012.</summary>
    public static string Fixed(SeedStatistics values, int digits) =>
        WithDeviation(values, digits, Fixed(values.Mean, digits));

    static string WithDeviation(SeedStatistics values, int digits, string mean) =>
        values.Sd is { } sd ? $"{mean} ± {Fixed(sd, digits)}" : mean;

    static string Scaled(double value, ReadOnlySpan<string> units, Func<double, string> format)
    {
        var unit = 0;
        while (value >= 1000 && unit < units.Length - 1)
        {
            value /= 1000;
            unit++;
        }
        return (unit == 0 ? Fixed(value, 0) : format(value)) + units[unit];
    }
}
