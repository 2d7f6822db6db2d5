using Retort.Runs;
using System.Xml.Linq;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace Retort.Report;

/// <summary>What a line stands for; the page's style sheet gives it its colour, by day and by night.</summary>
enum SeriesStyle { Rule, Grid, Teacher, Control, Student }

/// <summary>One side of a chart: its ends, where it is marked and how the marks read.</summary>
sealed record Axis(double Low, double High, string Title, IReadOnlyList<double> Ticks, Func<double, string> Mark)
{
    /// <summary>
    /// Ends on whole steps of 1, 2 or 5 times a power of ten, about four of them, that take in all these values.
    /// </summary>
    public static Axis Around(IReadOnlyList<double> values, string title)
    {
        var (low, high) = (values.Min(), values.Max());
        if (high - low < 1e-9) (low, high) = (low - 0.5, high + 0.5);
        var rough = (high - low) / 4;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = new double[] { 1, 2, 5, 10 }.First(times => times * power >= rough * 0.999) * power;
        var (from, to) = ((long)Math.Floor(low / step + 1e-9), (long)Math.Ceiling(high / step - 1e-9));
        var digits = Math.Clamp((int)Math.Ceiling(-Math.Log10(step) - 1e-9), 0, 6);
        return new(from * step, to * step, title, [.. Enumerable.Range(0, (int)(to - from) + 1).Select(i => (from + i) * step)],
            value => NumberFormat.Fixed(value, digits));
    }

    /// <summary>0 at the low end, 1 at the high one.</summary>
    public double Share(double value) => (value - Low) / (High - Low);
}

/// <summary>
/// A chart whose strokes ScottPlot draws and whose words the page sets: no text passes through the machine's fonts, and
/// every colour is one of the page's own.
/// </summary>
sealed class Chart : IDisposable
{
    readonly PixelPadding _margin;
    readonly Plot _plot = new();
    readonly (Axis X, Axis Y) _axes;
    readonly (int Width, int Height) _size;
    readonly List<(double X, double Y, string Text)> _notes = [];

    public Chart(Axis x, Axis y, int width = 360, int height = 250, bool marksLeft = true)
    {
        (_axes, _size) = ((x, y), (width, height));
        _margin = new(marksLeft ? 40 : 10, 14, 42, marksLeft ? 26 : 6);
        _plot.Layout.Fixed(_margin);
        (_plot.FigureBackground.Color, _plot.DataBackground.Color) = (Colors.Transparent, Colors.Transparent);
        _plot.Axes.SetLimits(x.Low, x.High, y.Low, y.High);
        Marked(_plot.Axes.Bottom, x.Ticks, 4);
        Marked(_plot.Axes.Left, marksLeft ? y.Ticks : [], 0);
        foreach (var side in new IAxis[] { _plot.Axes.Left, _plot.Axes.Top, _plot.Axes.Right }) side.FrameLineStyle.Width = 0;
        _plot.Axes.Bottom.FrameLineStyle.Color = Coloured(SeriesStyle.Rule);
        _plot.Grid.XAxisStyle.IsVisible = false;
        _plot.Grid.YAxisStyle.MajorLineStyle.Color = Coloured(SeriesStyle.Grid);
    }

    /// <summary>Points joined in order; a single one is a dot of two and a half widths.</summary>
    public void Line(IReadOnlyList<double> xs, IReadOnlyList<double> ys, SeriesStyle ink, float width = 2, double opacity = 1,
        bool dashed = false)
    {
        var line = _plot.Add.Scatter([.. xs], ys.ToArray(), Coloured(ink).WithAlpha(opacity));
        line.LineWidth = width;
        line.LinePattern = dashed ? LinePattern.Dashed : LinePattern.Solid;
        line.MarkerSize = xs.Count == 1 ? 2.5f * width : 0;
    }

    /// <summary>The whole width at one height.</summary>
    public void Level(double y, SeriesStyle ink) => Line([_axes.X.Low, _axes.X.High], [y, y], ink, 1.5f, dashed: true);

    /// <summary>The whole height at one place.</summary>
    public void Post(double x, SeriesStyle ink) => Line([x, x], [_axes.Y.Low, _axes.Y.High], ink, 1.5f, dashed: true);

    /// <summary>A word that stands at a place of the chart, its middle above it.</summary>
    public void Note(double x, double y, string text) => _notes.Add((x, y, text));

    /// <summary>As SVG for the inside of a page; <paramref name="id"/> keeps its names apart from other charts'.</summary>
    public Html Drawn(string id, string label)
    {
        var svg = XDocument.Parse(_plot.GetSvgXml(_size.Width, _size.Height)).Root!;
        XNamespace ns = "http://www.w3.org/2000/svg";
        // the library counts its names through the whole process; here they are counted through the chart
        var names = svg.Descendants().Attributes("id")
            .Select((name, i) => (name.Value, New: FormattableString.Invariant($"{id}-{i}"))).ToDictionary();
        foreach (var element in svg.DescendantsAndSelf())
        {
            if (element.Attribute("id") is { } name) name.Value = names[name.Value];
            if (element.Attribute("clip-path") is { } clip) clip.Value = $"url(#{names[clip.Value["url(#".Length..^1]]})";
            Recolour(element);
        }
        svg.ReplaceAttributes(new XAttribute("viewBox", FormattableString.Invariant($"0 0 {_size.Width} {_size.Height}")),
            new XAttribute("role", "img"), new XAttribute("aria-label", label));
        svg.Add(Words().Select(word => new XElement(ns + "text", new XAttribute("x", Math.Round(word.X, 1)),
            new XAttribute("y", Math.Round(word.Y, 1)), new XAttribute("text-anchor", word.Anchor), word.Text)));
        foreach (var element in svg.DescendantsAndSelf()) element.Name = element.Name.LocalName;
        return new(svg.ToString(SaveOptions.DisableFormatting));
    }

    public void Dispose() => _plot.Dispose();

    IEnumerable<(double X, double Y, string Anchor, string Text)> Words()
    {
        var (left, right) = (_margin.Left, _size.Width - _margin.Right);
        var (top, bottom) = (_margin.Top, _size.Height - _margin.Bottom);
        foreach (var tick in _plot.Axes.Bottom.TickGenerator.Ticks)
            yield return (left + _axes.X.Share(tick.Position) * (right - left), bottom + 18, "middle", _axes.X.Mark(tick.Position));
        foreach (var tick in _plot.Axes.Left.TickGenerator.Ticks)
            yield return (left - 6, bottom - _axes.Y.Share(tick.Position) * (bottom - top) + 4, "end", _axes.Y.Mark(tick.Position));
        foreach (var note in _notes)
            yield return (left + _axes.X.Share(note.X) * (right - left), bottom - _axes.Y.Share(note.Y) * (bottom - top) - 8, "middle", note.Text);
        yield return ((left + right) / 2, bottom + 36, "middle", _axes.X.Title);
        yield return (2, 12, "start", _axes.Y.Title);
    }

    static void Marked(IAxis axis, IReadOnlyList<double> ticks, float length)
    {
        axis.TickGenerator = new NumericManual([.. ticks], [.. ticks.Select(_ => "")]);
        (axis.MajorTickStyle.Length, axis.MajorTickStyle.Color) = (length, Coloured(SeriesStyle.Rule));
    }

    // a colour that nothing else has, found again in the drawing
    static Color Coloured(SeriesStyle ink) => Color.FromHex(Hex(ink));

    static string Hex(SeriesStyle ink) => FormattableString.Invariant($"#A1{(int)ink:X2}F3");

    static void Recolour(XElement element)
    {
        var style = "";
        foreach (var what in new[] { "fill", "stroke" })
            if (element.Attribute(what) is { } colour && Enum.GetValues<SeriesStyle>().Any(ink => Hex(ink) == colour.Value))
            {
                style += $"{what}:var(--{Enum.GetValues<SeriesStyle>().First(ink => Hex(ink) == colour.Value)});".ToLowerInvariant();
                colour.Remove();
            }
        if (style.Length > 0) element.SetAttributeValue("style", style);
    }
}
