using System.Globalization;
using System.Text;

namespace Retort.Tests.Methods;

/// <summary>
/// Landscapes side by side as an SVG: shades by rank, the lowest darkest, and a ring at each minimum.
/// </summary>
static class LandscapePicture
{
    const int Shades = 12;
    const int Cell = 4;
    const int Margin = 46;
    const int Plot = IntervalLandscape.Side * Cell;
    const int Panel = Plot + Margin + 14;

    public static string Draw(params (string Title, IntervalLandscape Landscape)[] panels)
    {
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {panels.Length * Panel} {Plot + 84}"
            font-family="sans-serif" font-size="14">
            <rect width="100%" height="100%" fill="white"/>

            """);
        foreach (var (index, panel) in panels.Index())
        {
            svg.Append(CultureInfo.InvariantCulture, $"<g transform=\"translate({index * Panel + Margin} 30)\">\n");
            Rows(svg, panel.Landscape);
            Words(svg, panel.Title);
            foreach (var (a, w, loss) in panel.Landscape.Minima()) Minimum(svg, a, w, loss);
            svg.Append("</g>\n");
        }
        return svg.Append("</svg>\n").ToString();
    }

    // cells of one shade that are neighbors in a row are one rectangle of the shade's path
    static void Rows(StringBuilder svg, IntervalLandscape landscape)
    {
        var shades = ShadesOf(landscape);
        var paths = Enumerable.Range(0, Shades).Select(_ => new StringBuilder()).ToList();
        for (var j = 0; j < IntervalLandscape.Side; j++)
            for (int from = 0, to; from < IntervalLandscape.Side; from = to)
            {
                for (to = from + 1; to < IntervalLandscape.Side && shades[to, j] == shades[from, j];) to++;
                paths[shades[from, j]].Append(CultureInfo.InvariantCulture,
                    $"M{from * Cell} {Top(j)}h{(to - from) * Cell}v{Cell}h{(from - to) * Cell}z");
            }
        foreach (var (shade, path) in paths.Index())
            svg.Append(CultureInfo.InvariantCulture, $"<path fill=\"{Color(shade)}\" d=\"{path}\"/>\n");
    }

    static void Words(StringBuilder svg, string title)
    {
        svg.Append(CultureInfo.InvariantCulture, $"""
            <text x="{Plot / 2}" y="-10" text-anchor="middle">{title}</text>
            <text x="{Plot / 2}" y="{Plot + 44}" text-anchor="middle">start a</text>
            <text x="-30" y="{Plot / 2}" text-anchor="middle" transform="rotate(-90 -30 {Plot / 2})">width w</text>

            """);
        for (var mark = 0; mark <= 9; mark += 3)
            svg.Append(CultureInfo.InvariantCulture, $"""
                <text x="{mark * 10 * Cell}" y="{Plot + 20}" text-anchor="middle">{mark}</text>
                <text x="-10" y="{Top(mark * 10) + 6}" text-anchor="end">{mark}</text>

                """);
    }

    static void Minimum(StringBuilder svg, double a, double w, double loss)
    {
        var (x, y) = (a * 10 * Cell + Cell / 2.0, Top((int)Math.Round(w * 10)) + Cell / 2.0);
        svg.Append(CultureInfo.InvariantCulture, $"""
            <circle cx="{x:0.#}" cy="{y:0.#}" r="6" fill="none" stroke="white" stroke-width="2"/>
            <text x="{x + 10:0.#}" y="{y + 5:0.#}" fill="white">{loss:0.000}</text>

            """);
    }

    static int Top(int j) => (IntervalLandscape.Side - 1 - j) * Cell;

    static int[,] ShadesOf(IntervalLandscape landscape)
    {
        var all = landscape.Loss.Cast<double>().Order().ToArray();
        var shades = new int[IntervalLandscape.Side, IntervalLandscape.Side];
        for (var i = 0; i < IntervalLandscape.Side; i++)
            for (var j = 0; j < IntervalLandscape.Side; j++)
                shades[i, j] = (int)((long)Array.BinarySearch(all, landscape.Loss[i, j]) * Shades / all.Length);
        return shades;
    }

    // from dark blue to light gray
    static string Color(int shade)
    {
        var share = (double)shade / (Shades - 1);
        return string.Create(CultureInfo.InvariantCulture, $"#{Part(16, 236):x2}{Part(42, 238):x2}{Part(98, 240):x2}");

        int Part(int dark, int light) => (int)Math.Round(dark + (light - dark) * share);
    }
}
