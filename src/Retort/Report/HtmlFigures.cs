using Retort.Contracts.Sections;

namespace Retort.Report;

/// <summary>The figures of a page that are no charts: heat maps, rows of dots, galleries, surfaces.</summary>
static class HtmlFigures
{
    /// <summary>Matrices of which a reader chooses one.</summary>
    public static Html Maps(HeatMapBlock block)
    {
        var note = Html.Of($"<p class=\"note\">{block.Note}</p>");
        if (block.Maps is [var only])
            return Html.Of($"""<div class="maps"><div class="map">{Map(only)}</div>{note}</div>""");

        var choices = Html.Each(block.Maps.Index(), map => Html.Of($"""
            <input type="radio" name="map" id="map-{map.Item.Key}"{new Html(map.Index == 0 ? " checked" : "")}>
            <label for="map-{map.Item.Key}">{map.Item.Title}</label>

            """));
        var maps = Html.Each(block.Maps, map => Html.Of($"<div class=\"map {map.Key}\">{Map(map)}</div>\n"));
        return Html.Of($"""
            <div class="maps">
            {choices}{maps}{note}</div>
            """);
    }

    static Html Map(HeatMap map)
    {
        var head = Html.Each(map.Labels, label => Html.Of($"""<th scope="col"><span>{label}</span></th>"""));
        var rows = Html.Each(map.Shares.Index(), row =>
        {
            var cells = Html.Each(row.Item.Index(), cell => Cell(map, cell.Item, cell.Index == row.Index));
            return Html.Of($"<tr><th scope=\"row\">{map.Labels[row.Index]}</th>{cells}</tr>\n");
        });
        return Html.Of($"""
            <div class="wide"><table class="heat"><thead><tr><td></td>{head}</tr></thead>
            <tbody>{rows}</tbody></table></div>
            """);
    }

    // square roots, so that rare confusions can be seen beside the diagonal; a difference is full at 20 points
    static Html Cell(HeatMap map, double share, bool diagonal)
    {
        var heat = map.IsDifference ? Math.Min(Math.Sqrt(Math.Abs(share) * 5), 1) : Math.Sqrt(share);
        var tone = share > 0 == diagonal ? "better" : "worse";
        var percent = NumberFormat.Fixed(100 * share, 0);
        var text = percent == "0" ? "" : map.IsDifference && share > 0 ? "+" + percent : percent;
        var style = heat > 0.6 ? $"{tone} hot" : tone;
        return Html.Of($"""<td class="{style}" style="--heat:{100 * heat:0}%">{text}</td>""");
    }

    /// <summary>Rows of dots on a scale that ends at 100 %.</summary>
    public static Html Dots(DotsBlock block)
    {
        var lowest = block.Rows.Min(row => row.Shares.Min());
        var floor = Math.Min(Math.Floor(10 * lowest) / 10, 0.9);
        var heads = Html.Each(block.Columns, column => Html.Of($"<th scope=\"col\">{column.Text}</th>"));
        var note = block.Note.Length == 0 ? Html.Nothing : Html.Of($"<p class=\"note\">{block.Note}</p>");
        return Html.Of($"""
            <div class="wide"><table class="classes">
            <thead><tr><th scope="col" class="word">{block.Title}</th>
            <th scope="col" class="scale"><span>{100 * floor:0}</span><span>100 %</span></th>{heads}</tr></thead>
            <tbody>{Html.Each(block.Rows, Row)}</tbody></table></div>
            {note}
            """);

        Html Row(DotRow row)
        {
            var values = Html.Each(row.Shares, share => Html.Of($"<td>{NumberFormat.Percent(share, 1)}</td>"));
            var dots = Html.Each(block.Columns.Zip(row.Shares), dot => Html.Of(
                $"""<i class="{HtmlPieces.Class(dot.First.Style)}" style="left:{Place(dot.Second):0.#}%"></i>"""));
            return Html.Of($"""
                <tr><th scope="row">{row.Name}</th><td><span class="track">{dots}</span></td>{values}</tr>

                """);
        }

        double Place(double share) => 100 * (share - floor) / (1 - floor);
    }

    /// <summary>Images of examples with captions.</summary>
    public static Html Gallery(GalleryBlock block, Func<int, string> image) => Html.Of($"""
        <p class="note">{block.Note}</p>
        {HtmlPieces.Legend(block.Legend)}
        <div class="gallery">{Html.Each(block.Images, one => Image(one, image))}</div>
        """);

    static Html Image(GalleryImage one, Func<int, string> image)
    {
        var captions = Html.Each(one.Captions, caption => Html.Of(
            $"<p class=\"{HtmlPieces.Class(caption.Style)}\"><b>{caption.Text}</b><i>{caption.Value}</i></p>\n"));
        var source = one.Own is { } own ? ExampleImages.Of(own) : image(one.Position);
        return Html.Of($"""
            <figure><img src="{source}" alt="{one.Alternative}" loading="lazy">
            <figcaption>
            {captions}<small>{one.Remark}</small></figcaption></figure>

            """);
    }

    /// <summary>A grid of shades with some points named.</summary>
    public static Html Surface(SurfaceBlock surface)
    {
        const int side = 420, margin = 34, grid = side - margin;
        var (columns, rows) = (surface.Xs.Count, surface.Ys.Count);
        var (width, height) = ((double)grid / columns, (double)grid / rows);
        var cells = from y in Enumerable.Range(0, rows) from x in Enumerable.Range(0, columns) select (x, y);
        return Html.Of($"""
            <figure><svg viewBox="0 0 {side} {side}" role="img" aria-label="{surface.Label}">
            {Html.Each(cells, Cell)}{Html.Each(surface.Points, Point)}
            <text x="{margin + grid / 2}" y="{side - 8}" text-anchor="middle">{surface.XTitle}</text>
            <text x="14" y="{grid / 2}" text-anchor="middle"
            transform="rotate(-90 14 {grid / 2})">{surface.YTitle}</text>
            </svg>{HtmlPieces.Caption(surface.Caption)}</figure>
            """);

        Html Cell((int X, int Y) cell)
        {
            var (left, top) = (margin + cell.X * width, (rows - 1 - cell.Y) * height);
            var shade = 100 * surface.Shades[cell.Y][cell.X];
            var size = Html.Of($"width=\"{width + 0.4:0.##}\" height=\"{height + 0.4:0.##}\"");
            var fill = Html.Of($"fill:color-mix(in srgb, var(--student) {shade:0}%, var(--card))");
            return Html.Of($"<rect x=\"{left:0.##}\" y=\"{top:0.##}\" {size} style=\"{fill}\"/>\n");
        }

        Html Point(ChartNote point)
        {
            var (x, y) = (margin + (Share(point.X, surface.Xs) * (columns - 1) + 0.5) * width,
                grid - (Share(point.Y, surface.Ys) * (rows - 1) + 0.5) * height);
            const string circle = "fill:var(--card);stroke:var(--ink);stroke-width:2";
            const string word = "fill:var(--ink);paint-order:stroke;stroke:var(--card);stroke-width:3px";
            return Html.Of($"""
                <circle cx="{x:0.#}" cy="{y:0.#}" r="5" style="{circle}"/>
                <text x="{x + 9:0.#}" y="{y - 7:0.#}" style="{word}">{point.Text}</text>

                """);
        }

        static double Share(double value, IReadOnlyList<double> places) =>
            (value - places[0]) / (places[^1] - places[0]);
    }
}
