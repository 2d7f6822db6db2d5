using Retort.Runs;
namespace Retort.Report;

/// <summary>The page's part on classes and single examples.</summary>
static class HtmlClasses
{
    const int MostClasses = 24;
    const string MapNote = "Row: what it is; column: what it is taken for; per cent of the row, all seeds together";

    public static Html Of(Results r, RunData run) => Html.Of($"""
        <section><h2>Classes</h2>{HtmlPieces.Key(r)}
        <div class="two even"><div>{Accuracies(r)}</div><div>{(r.Classes.Count <= MostClasses ? Confusion(r, run) : Frequent(r))}</div></div>
        </section>
        """);

    static Html Accuracies(Results r)
    {
        var shown = Shown(r);
        var lowest = shown.Min(one => Math.Min(one.Student, Math.Min(one.Control ?? 1, one.Teacher ?? 1)));
        var floor = Math.Min(Math.Floor(10 * lowest) / 10, 0.9);
        return Html.Of($"""
            <div class="wide"><table class="classes{(r.Teacher is null ? "" : " taught")}">
            <thead><tr><th scope="col" class="word">Class</th><th scope="col" class="scale"><span>{100 * floor:0}</span><span>100 %</span></th>{Heads(r)}</tr></thead>
            <tbody>{Html.Each(shown, one => Html.Of($"""
                <tr><th scope="row">{one.Name}</th><td><span class="track">{Dots(one)}</span></td>{Figures(r, one)}</tr>
                """))}</tbody></table></div>
            {(shown.Count < r.Classes.Count ? Html.Of($"<p class=\"note\">{Why(r, shown.Count)}</p>") : Html.Nothing)}
            """);

        Html Dots(ClassFigures one) => Html.Of($"{Dot("teacher", one.Teacher)}{Dot("control", one.Control)}{Dot("student", one.Student)}");

        Html Dot(string who, double? share) => share is { } found
            ? Html.Of($"""<i class="{who}" style="left:{100 * (found - floor) / (1 - floor):0.#}%"></i>""") : Html.Nothing;
    }

    static Html Heads(Results r) => Html.Each(Tables.Contestants(r), column => Html.Of($"""<th scope="col">{column.Name}</th>"""));

    static Html Figures(Results r, ClassFigures one) => Html.Each(new[] { r.Teacher is null ? null : one.Teacher, r.Control is null ? null : one.Control, one.Student }.OfType<double>(),
        share => Html.Of($"<td>{NumberFormat.Percent(share, 1)}</td>"));

    // many classes: those that gained or lost most, or without a control those that are hardest
    static IReadOnlyList<ClassFigures> Shown(Results r)
    {
        if (r.Classes.Count <= MostClasses) return r.Classes;
        var ordered = r.Classes.OrderByDescending(one => one.Student - (one.Control ?? 1)).ThenBy(one => one.Name, StringComparer.Ordinal).ToList();
        return r.Control is null ? ordered[^MostClasses..] : [.. ordered[..(MostClasses / 2)], .. ordered[^(MostClasses / 2)..]];
    }

    static string Why(Results r, int shown) => r.Control is null
        ? $"The {shown} hardest of {r.Classes.Count} classes; results.json has all."
        : $"Of {r.Classes.Count} classes the {shown / 2} that gained most over the control and the {shown / 2} that gained least; "
            + "results.json has all.";

    static Html Frequent(Results r) => Tables.Confusions(r) is { } table ? HtmlPieces.Table(table) : Html.Of($"<p>No student confused any classes.</p>");

    static Html Confusion(Results r, RunData run)
    {
        var student = ConfusionCounts.Share(ConfusionCounts.Counts(run.Students));
        if (run.Controls.Count == 0) return Html.Of($"""<div class="maps"><div class="map">{Map(r, student)}</div><p class="note">{MapNote}.</p></div>""");
        var control = ConfusionCounts.Share(ConfusionCounts.Counts(run.Controls));
        var difference = student.Select((row, i) => row.Select((share, j) => share - control[i][j]).ToArray()).ToArray();
        return Html.Of($"""
            <div class="maps">
            <input type="radio" name="map" id="map-student" checked><label for="map-student">Student</label>
            <input type="radio" name="map" id="map-gain"><label for="map-gain">Student − control</label>
            <input type="radio" name="map" id="map-control"><label for="map-control">Control</label>
            {(run.Teacher is null ? Html.Nothing : new("""<input type="radio" name="map" id="map-teacher"><label for="map-teacher">Teacher</label>"""))}
            <div class="map student">{Map(r, student)}</div>
            <div class="map gain">{Map(r, difference, signed: true)}</div>
            <div class="map control">{Map(r, control)}</div>
            {(run.Teacher is null ? Html.Nothing : Html.Of($"""<div class="map teacher">{Map(r, ConfusionCounts.Share(ConfusionCounts.Counts([run.Teacher])))}</div>"""))}
            <p class="note">{MapNote}. In the difference, in points, blue is better than the control and orange worse.</p></div>
            """);
    }

    static Html Map(Results r, double[][] shares, bool signed = false) => Html.Of($"""
        <div class="wide"><table class="heat"><thead><tr><td></td>{Html.Each(r.Classes, one => Html.Of($"""<th scope="col"><span>{one.Name}</span></th>"""))}</tr></thead>
        <tbody>{Html.Each(shares.Index(), row => Html.Of($"""
            <tr><th scope="row">{r.Classes[row.Index].Name}</th>{Html.Each(row.Item.Index(), cell => Cell(cell.Item, cell.Index == row.Index, signed))}</tr>
            """))}</tbody></table></div>
        """);

    // square roots, so that rare confusions are seen beside the diagonal; a difference is full at 20 points
    static Html Cell(double share, bool diagonal, bool signed)
    {
        var heat = signed ? Math.Min(Math.Sqrt(Math.Abs(share) * 5), 1) : Math.Sqrt(share);
        var tone = share > 0 == diagonal ? "better" : "worse";
        var text = NumberFormat.Fixed(100 * share, 0) switch { "0" => "", var whole => signed && share > 0 ? "+" + whole : whole };
        return Html.Of($"""<td class="{tone}{(heat > 0.6 ? " hot" : "")}" style="--heat:{100 * heat:0}%">{text}</td>""");
    }

    public static Html Gallery(Results r, IReadOnlyDictionary<int, string> pictures) => r.Teacher is null ? Html.Nothing : Html.Of($"""
        <section><h2>What the student gets wrong and the teacher right</h2>
        {(Tables.Misses(r) is not { } table ? Html.Of($"<p>Nothing in the test set.</p>") : pictures.Count == 0 ? HtmlPieces.Table(table) : Pictures(r, pictures))}
        </section>
        """);

    static Html Pictures(Results r, IReadOnlyDictionary<int, string> pictures) => Html.Of($"""
        <p class="note">{r.Misclassified.Count} test pictures, those that most seeds' students miss, and most surely, first: what the student says
        and how sure it is, and what the teacher says, which is right.</p>
        <p class="key"><span class="student">student</span><span class="teacher">teacher</span></p>
        <div class="gallery">{Html.Each(r.Misclassified, miss => Html.Of($"""
            <figure><img src="{pictures[miss.Position]}" alt="Test example {miss.Id}: {miss.Label}, taken for {miss.Answer}" loading="lazy">
            <figcaption>
            <p class="student"><b>{miss.Answer}</b><i>{NumberFormat.Percent(miss.Confidence, 0)} %</i></p>
            <p class="teacher"><b>{miss.Label}</b><i>{NumberFormat.Percent(miss.TeacherConfidence, 0)} %</i></p>
            <small>missed by {miss.StudentsWrong} of {r.Seeds.Count} students, {miss.ControlsWrong} of {r.Seeds.Count} controls</small></figcaption></figure>
            """))}</div>
        """);
}
