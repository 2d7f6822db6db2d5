using Retort.Contracts.Sections;

namespace Retort.Studies.Fidelity;

/// <summary>The charts of a study's report.</summary>
static class FidelityCharts
{
    static readonly (string Figure, string Title, SeriesStyle Style, bool Dashed)[] s_lines =
    [
        ("agreement", "student", SeriesStyle.Student, false),
        ("controlAgreement", "control", SeriesStyle.Control, false),
        ("trainAgreement", "student, on its data", SeriesStyle.Teacher, true),
    ];

    /// <summary>
    /// Agreement step by step: student and control on test, the student on its distillation data; each seed a dot.
    /// </summary>
    public static ChartBlock Agreements(Judgement claim)
    {
        var all = s_lines.SelectMany(line => claim.Arms.SelectMany(arm => arm.Figures[line.Figure].Values));
        List<double> steps = [.. Enumerable.Range(1, claim.Arms.Count).Select(step => (double)step)];
        List<Series> series = [];
        foreach (var (figure, _, style, dashed) in s_lines)
        {
            foreach (var (from, to) in Rising(claim))
                series.Add(new(style, steps[from..to],
                    [.. claim.Arms.Skip(from).Take(to - from).Select(arm => 100 * arm.Figures[figure].Mean)])
                {
                    Dashed = dashed,
                });
            foreach (var (step, arm) in steps.Zip(claim.Arms))
                series.AddRange(arm.Figures[figure].Values.Select(value => Series.Dot(style, step, 100 * value) with
                {
                    Width = 1.6, Opacity = 0.45,
                }));
        }
        return new(claim.Id, $"{claim.Id}: agreement step by step",
            new(0.6, steps[^1] + 0.4, "step, as in the table",
                [.. steps.Select(step => new AxisMark(step, NumberFormat.Fixed(step, 0)))]),
            Axis.Around([.. all.Select(share => 100 * share)], "agreement, %"), series)
        {
            Width = Math.Clamp(60 + 34 * steps.Count, 360, 460),
            Legend = new([.. s_lines.Select(line => new LegendEntry(line.Style, line.Title))]),
        };
    }

    // steps whose number rises belong together; where it falls, another row of the grid begins
    static IEnumerable<(int From, int To)> Rising(Judgement claim)
    {
        var from = 0;
        for (var i = 1; i <= claim.Arms.Count; i++)
        {
            if (i < claim.Arms.Count && claim.Arms[i].X >= claim.Arms[i - 1].X) continue;

            yield return (from, i);
            from = i;
        }
    }

    /// <summary>
    /// The loss over its floor on the plane through teacher, student and first weights: the darker, the lower, on a
    /// logarithmic scale.
    /// </summary>
    public static SurfaceBlock Plane(LossPlane plane)
    {
        // at the teacher itself the loss is its floor, and there is no logarithm
        var least = plane.Excess.SelectMany(row => row).Max() / 3000;
        List<List<double>> heights =
            [.. plane.Excess.Select(row => row.Select(excess => Math.Log(Math.Max(excess, least))).ToList())];
        var (low, top) = (heights.Min(row => row.Min()), heights.Max(row => row.Max()));
        return new("Loss over its floor around teacher, student and first weights", plane.Xs, plane.Ys,
            [.. heights.Select(row => row.Select(height => top > low ? 1 - (height - low) / (top - low) : 0).ToList())],
            [new(0, 0, "teacher"), new(1, 0, "student"), new(plane.First[0], plane.First[1], "first")])
        {
            XTitle = $"towards the student; 1 = {NumberFormat.Three(plane.Lengths[0])}",
            YTitle = $"towards the first weights; 1 = {NumberFormat.Three(plane.Lengths[1])}",
            Caption = "The loss over its floor on the plane through the weights of teacher, student (seed 1, λ = 0) "
                + "and its first ones; the darker, the lower, on a logarithmic scale.",
        };
    }
}
