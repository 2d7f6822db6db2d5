using Retort.Runs;
namespace Retort.Report;

/// <summary>Size against accuracy: teacher, students with their place, their controls, and the front.</summary>
static class RankingChart
{
    public static Html Of(Ranking ranking)
    {
        var students = ranking.Students;
        List<double> sizes = [Math.Log10(ranking.Teacher.Size), .. students.Select(one => At(one.Size))];
        List<double> heights = [100 * ranking.Teacher.Accuracy, .. students.Select(one => 100 * one.Accuracy.Mean), .. students.Select(one => 100 * one.ControlAccuracy?.Mean).OfType<double>()];
        var (low, high) = (sizes.Min() - 0.15, sizes.Max() + 0.15);
        List<double> powers = [.. Enumerable.Range((int)Math.Ceiling(low), Math.Max((int)Math.Floor(high) - (int)Math.Ceiling(low) + 1, 0)).Select(power => (double)power)];
        using var chart = new Chart(
            new(low, high, ranking.Unit switch { SizeUnit.Bytes => "bytes", SizeUnit.MultiplyAdds => "multiply-adds", _ => "parameters" }, powers, power => NumberFormat.Short((long)Math.Pow(10, power))),
            Axis.Around(heights, "accuracy, %"), 860, 360);
        List<RankedStudent> front = [.. students.Where(one => one.OnFront).OrderBy(one => one.Size)];
        chart.Line([.. front.Select(one => At(one.Size))], [.. front.Select(one => 100 * one.Accuracy.Mean)], SeriesStyle.Student, 1.2f, 0.6);
        chart.Line([Math.Log10(ranking.Teacher.Size)], [100 * ranking.Teacher.Accuracy], SeriesStyle.Teacher, 4);
        foreach (var (i, one) in students.Index())
        {
            if (one.ControlAccuracy is { } control) chart.Line([At(one.Size)], [100 * control.Mean], SeriesStyle.Control, 2.6f, 0.8);
            chart.Line([At(one.Size)], [100 * one.Accuracy.Mean], SeriesStyle.Student, 3.4f);
            chart.Note(At(one.Size), 100 * one.Accuracy.Mean, $"{i + 1}");
        }
        return chart.Drawn("ranking", "Size against test accuracy of the teacher, the students and their controls");

        static double At(long size) => Math.Log10(Math.Max(size, 1));
    }
}
