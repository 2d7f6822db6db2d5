using System.Xml.Linq;
using Retort.Contracts.Sections;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace Retort.Report;

/// <summary>
/// Draws charts as SVG. ScottPlot draws the lines; the text is added as SVG text, so that it is set in the page's fonts
/// and not in the machine's, and every color is replaced by one of the page's own.
/// </summary>
static class ChartDrawing
{
    static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";

    public static Html Draw(ChartBlock chart)
    {
        var margin = MarginOf(chart);
        using var plot = Plot(chart, margin);
        var svg = XDocument.Parse(plot.GetSvgXml(chart.Width, chart.Height)).Root!;
        // ScottPlot counts ids through the whole process; here they are counted through the chart
        var ids = svg.Descendants().Attributes("id")
            .Select((id, i) => (id.Value, New: Invariant($"{chart.Id}-{i}"))).ToDictionary();
        foreach (var element in svg.DescendantsAndSelf())
        {
            if (element.Attribute("id") is { } id) id.Value = ids[id.Value];
            if (element.Attribute("clip-path") is { } clip) clip.Value = $"url(#{ids[clip.Value["url(#".Length..^1]]})";
            Recolor(element);
        }
        svg.ReplaceAttributes(
            new XAttribute("viewBox", Invariant($"0 0 {chart.Width} {chart.Height}")),
            new XAttribute("role", "img"), new XAttribute("aria-label", chart.Label));
        svg.Add(Words(chart, margin).Select(word => new XElement(s_svg + "text",
            new XAttribute("x", Math.Round(word.X, 1)), new XAttribute("y", Math.Round(word.Y, 1)),
            new XAttribute("text-anchor", word.Anchor), word.Text)));
        foreach (var element in svg.DescendantsAndSelf()) element.Name = element.Name.LocalName;
        return new(svg.ToString(SaveOptions.DisableFormatting));
    }

    static PixelPadding MarginOf(ChartBlock chart) =>
        chart.Y.Marks.Count > 0 ? new(40, 14, 42, 26) : new(10, 14, 42, 6);

    static Plot Plot(ChartBlock chart, PixelPadding margin)
    {
        var plot = new Plot();
        plot.Layout.Fixed(margin);
        plot.FigureBackground.Color = Colors.Transparent;
        plot.DataBackground.Color = Colors.Transparent;
        plot.Axes.SetLimits(chart.X.Low, chart.X.High, chart.Y.Low, chart.Y.High);
        SetMarks(plot.Axes.Bottom, chart.X, 4);
        SetMarks(plot.Axes.Left, chart.Y, 0);
        foreach (var side in new IAxis[] { plot.Axes.Left, plot.Axes.Top, plot.Axes.Right })
            side.FrameLineStyle.Width = 0;
        plot.Axes.Bottom.FrameLineStyle.Color = ColorOf(SeriesStyle.Rule);
        plot.Grid.XAxisStyle.IsVisible = false;
        plot.Grid.YAxisStyle.MajorLineStyle.Color = ColorOf(SeriesStyle.Grid);
        foreach (var series in chart.Series)
        {
            var line = plot.Add.Scatter(
                series.X.ToArray(), series.Y.ToArray(), ColorOf(series.Style).WithAlpha(series.Opacity));
            line.LineWidth = (float)series.Width;
            line.LinePattern = series.Dashed ? LinePattern.Dashed : LinePattern.Solid;
            line.MarkerSize = series.X.Count == 1 ? 2.5f * (float)series.Width : 0;
        }
        return plot;
    }

    static void SetMarks(IAxis axis, Axis marks, float length)
    {
        axis.TickGenerator = new NumericManual(
            [.. marks.Marks.Select(mark => mark.Value)], [.. marks.Marks.Select(_ => "")]);
        axis.MajorTickStyle.Length = length;
        axis.MajorTickStyle.Color = ColorOf(SeriesStyle.Rule);
    }

    static IEnumerable<(double X, double Y, string Anchor, string Text)> Words(ChartBlock chart, PixelPadding margin)
    {
        var (left, right) = (margin.Left, chart.Width - margin.Right);
        var (top, bottom) = (margin.Top, chart.Height - margin.Bottom);
        foreach (var mark in chart.X.Marks) yield return (Across(mark.Value), bottom + 18, "middle", mark.Text);
        foreach (var mark in chart.Y.Marks) yield return (left - 6, Up(mark.Value) + 4, "end", mark.Text);
        foreach (var note in chart.Notes) yield return (Across(note.X), Up(note.Y) - 8, "middle", note.Text);
        yield return ((left + right) / 2, bottom + 36, "middle", chart.X.Title);
        yield return (2, 12, "start", chart.Y.Title);

        double Across(double value) => left + chart.X.Share(value) * (right - left);
        double Up(double value) => bottom - chart.Y.Share(value) * (bottom - top);
    }

    // a color that nothing else has, found again in the drawing
    static Color ColorOf(SeriesStyle style) => Color.FromHex(Hex(style));

    static string Hex(SeriesStyle style) => Invariant($"#A1{(int)style:X2}F3");

    static void Recolor(XElement element)
    {
        var style = "";
        foreach (var property in new[] { "fill", "stroke" })
        {
            if (element.Attribute(property) is not { } color) continue;

            foreach (var series in Enum.GetValues<SeriesStyle>())
                if (Hex(series) == color.Value) style += $"{property}:var(--{HtmlPieces.Class(series)});";
            if (style.Contains(property, StringComparison.Ordinal)) color.Remove();
        }
        if (style.Length > 0) element.SetAttributeValue("style", style);
    }
}
