using Retort.Runs;
using Retort.Training;
using Retort.Recipes;
using Retort.Report;

namespace Retort.Studies.Fidelity;

/// <summary>The pictures of a study's report.</summary>
static class FidelityCharts
{
    /// <summary>Agreement step by step: student and control on test, the student on its distillation data; each seed a dot.</summary>
    public static Html Agreements(Judgement claim)
    {
        (string Figure, SeriesStyle Ink, bool Dashed)[] lines = [("controlAgreement", SeriesStyle.Control, false), ("agreement", SeriesStyle.Student, false), ("trainAgreement", SeriesStyle.Teacher, true)];
        var all = lines.SelectMany(line => claim.Arms.SelectMany(arm => arm.Figures[line.Figure].Values)).Select(share => 100 * share).ToList();
        List<double> steps = [.. Enumerable.Range(1, claim.Arms.Count).Select(step => (double)step)];
        using var chart = new Chart(new(0.6, steps[^1] + 0.4, "step, as in the table", steps, step => NumberFormat.Fixed(step, 0)),
            Axis.Around(all, "agreement, %"), Math.Clamp(60 + 34 * steps.Count, 360, 460));
        foreach (var (figure, ink, dashed) in lines)
        {
            foreach (var (from, to) in Runs(claim))
                chart.Line(steps[from..to], [.. claim.Arms.Skip(from).Take(to - from).Select(arm => 100 * arm.Figures[figure].Mean)], ink, 2, dashed: dashed);
            for (var i = 0; i < steps.Count; i++)
                foreach (var value in claim.Arms[i].Figures[figure].Values) chart.Line([steps[i]], [100 * value], ink, 1.6f, 0.45);
        }
        return chart.Drawn(claim.Id, $"{claim.Id}: agreement step by step");
    }

    // steps whose number rises belong together; where it falls back, another row of the grid begins
    static IEnumerable<(int From, int To)> Runs(Judgement claim)
    {
        var from = 0;
        for (var i = 1; i <= claim.Arms.Count; i++)
            if (i == claim.Arms.Count || claim.Arms[i].X < claim.Arms[i - 1].X)
            {
                yield return (from, i);
                from = i;
            }
    }

    /// <summary>
    /// The loss over its floor on the plane through teacher, student and first weights: the darker, the lower, on a logarithmic scale.
    /// </summary>
    public static Html Plane(LossPlane plane)
    {
        const int side = 420, margin = 34;
        var (columns, rows) = (plane.Xs.Count, plane.Ys.Count);
        var (wide, high) = ((double)(side - margin) / columns, (double)(side - margin) / rows);
        var least = plane.Excess.SelectMany(row => row).Max() / 3000;          // at the teacher itself there is no loss over the floor, and no logarithm
        var all = plane.Excess.SelectMany(row => row).Select(Height).ToList();
        var (low, top) = (all.Min(), all.Max());
        var cells = Enumerable.Range(0, rows).SelectMany(y => Enumerable.Range(0, columns).Select(x => (x, y)));
        (string Name, double X, double Y)[] places = [("teacher", 0, 0), ("student", 1, 0), ("first", plane.First[0], plane.First[1])];
        return Html.Of($"""
            <svg viewBox="0 0 {side} {side}" role="img" aria-label="Loss over its floor around teacher, student and first weights">
            {Html.Each(cells, cell => Html.Of($"""
                <rect x="{margin + cell.x * wide:0.##}" y="{(rows - 1 - cell.y) * high:0.##}" width="{wide + 0.4:0.##}" height="{high + 0.4:0.##}" style="fill:color-mix(in srgb, var(--student) {Shade(cell.x, cell.y):0}%, var(--card))"/>
                """))}
            {Html.Each(places, place => Html.Of($"""
                <circle cx="{Across(place.X):0.#}" cy="{Up(place.Y):0.#}" r="5" style="fill:var(--card);stroke:var(--ink);stroke-width:2"/>
                <text x="{Across(place.X) + 9:0.#}" y="{Up(place.Y) - 7:0.#}" style="fill:var(--ink);paint-order:stroke;stroke:var(--card);stroke-width:3px">{place.Name}</text>
                """))}
            <text x="{margin + (side - margin) / 2}" y="{side - 8}" text-anchor="middle">towards the student; 1 = {NumberFormat.Three(plane.Lengths[0])}</text>
            <text x="14" y="{(side - margin) / 2}" text-anchor="middle" transform="rotate(-90 14 {(side - margin) / 2})">towards the first weights; 1 = {NumberFormat.Three(plane.Lengths[1])}</text>
            </svg>
            """);

        double Height(double excess) => Math.Log(Math.Max(excess, least));
        double Shade(int x, int y) => top > low ? 100 * (1 - (Height(plane.Excess[y][x]) - low) / (top - low)) : 0;
        double Across(double x) => margin + ((x - plane.Xs[0]) / (plane.Xs[^1] - plane.Xs[0]) * (columns - 1) + 0.5) * wide;
        double Up(double y) => side - margin - ((y - plane.Ys[0]) / (plane.Ys[^1] - plane.Ys[0]) * (rows - 1) + 0.5) * high;
    }
}
