using System.Reflection;
using Retort.Runs;

namespace Retort.Report;

/// <summary>The report as one page that asks nothing of anywhere else: no script, no font, no picture from outside.</summary>
static class HtmlPage
{
    public static Html Of(Results r, RunData run, IReadOnlyDictionary<int, string> pictures) => Framed($"{r.Recipe.Name} on {r.Data.Name}", Html.Of($"""
        <header><p class="over">Retort report</p><h1>{r.Recipe.Name} <span>on {r.Data.Name}</span></h1></header>
        <main>
        {Top(r)}
        {Summary(r)}
        {Stages(r)}
        {Learning(r, run)}
        {HtmlClasses.Of(r, run)}
        {HtmlClasses.Gallery(r, pictures)}
        {Rates(r)}
        {Search(r)}
        {Provenance(r, run)}
        </main>
        """));

    /// <summary>A whole page around its header and main part; of a kind that the style sheet knows, where it is named.</summary>
    public static Html Framed(string title, Html body, string kind = "") => Html.Of($"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>{title} · Retort</title>
        <style>{Style()}</style>
        </head>
        {(kind.Length == 0 ? new("<body>") : Html.Of($"""<body class="{kind}">"""))}
        {body}
        </body>
        </html>

        """);

    public static Html Style()
    {
        using var file = Assembly.GetExecutingAssembly().GetManifestResourceStream("report.css")!;
        return new(new StreamReader(file).ReadToEnd());
    }

    static Html Top(Results r) => r is { Verdict: { } verdict, Pairs: { } pairs }
        ? Html.Of($"""
            <section class="verdict {Tables.Name(verdict.Outcome)}">
            <div><p class="outcome">{Tables.Name(verdict.Outcome)}</p>
            <p class="sentence">{Opened(verdict)}.</p>
            {Gap(r)}</div>
            <figure>{Charts.Differences(pairs, verdict.Difference)}
            <figcaption>Above: each of {pairs.Count} pairs. Below: their mean{(verdict.Difference.Low is null ? "" : " and its 95 % interval")}.</figcaption></figure>
            </section>
            """)
        : Html.Of($"""
            <section class="verdict"><div><p class="outcome">{NumberFormat.Percent(r.Student.Accuracy.Mean, 1)} % right</p>
            <p class="sentence">on test; it learned from the labels alone, as a control does, so there is nothing to compare.</p></div></section>
            """);

    // the badge has said "undecided" already
    static string Opened(Verdict verdict)
    {
        var said = Tables.WithoutBadge(verdict);
        return char.ToUpperInvariant(said[0]) + said[1..];
    }

    static Html Gap(Results r) => r is { GapClosed: { } gap, Control: { } control, Teacher: { } teacher }
        ? Html.Of($"""
            <div class="gap"><p>{Tables.Gap(gap)}</p>
            <div class="road"><i style="width:{Math.Clamp(100 * gap, 0, 100):0.#}%"></i></div>
            <p class="ends"><span>control {NumberFormat.Percent(control.Accuracy.Mean, 1)} %</span>
            <span>teacher {NumberFormat.Percent(teacher.Accuracy.Mean, 1)} %</span></p></div>
            """)
        : Html.Nothing;

    static Html Summary(Results r) => Html.Of($"""
        <section><h2>Figures</h2>
        <p class="note">On the test set, mean ± standard deviation over {NumberFormat.Seeds(r.Seeds)};
        {Tables.Weights(r)}.</p>
        {HtmlPieces.Table(Tables.Figures(r), "figures")}
        </section>
        <div class="two">
        <section><h2>Size and speed</h2>
        {HtmlPieces.Table(Tables.Costs(r))}
        <p class="note">{Tables.LatencyNote(r)}</p></section>
        {(r.Pairs is null ? Html.Nothing : Html.Of($"""
            <section><h2>Pairs</h2>
            {HtmlPieces.Table(Tables.Pairs(r)!)}
            <p class="note">{Tables.PairsNote(r)}</p></section>
            """))}
        </div>
        """);

    static Html Stages(Results r) => Html.Of($"""
        {(Tables.Stages(r) is not { } stages ? Html.Nothing : Html.Of($"""
            <section><h2>Stages</h2>
            <p class="note">Networks trained one after another, each taught by the one before it; the last is the student. On the test set.</p>
            {HtmlPieces.Table(stages)}</section>
            """))}
        {(Tables.Sureness(r) is not { } sure ? Html.Nothing : Html.Of($"""
            <section><h2>How sure of what was learned from</h2>
            {HtmlPieces.Table(sure)}
            <p class="note">{Tables.SurenessNote}</p></section>
            """))}
        """);

    static Html Learning(Results r, RunData run) => Html.Of($"""
        <section><h2>Learning</h2>{HtmlPieces.Key(r)}
        <div class="charts">
        <figure>{Charts.Accuracies(run, r)}<figcaption>Accuracy on validation{(run.Students.Count > 1 ? ": each seed thin, their mean bold" : "")}.</figcaption></figure>
        <figure>{Charts.Losses(run, r)}<figcaption>NLL on validation{(r.Teacher is null ? "" : "; dashed: the teacher at its best")}.</figcaption></figure>
        <figure>{Charts.Reliability(r)}<figcaption>Reliability on test: on the dashed line a network is right
        as often as it says; below it, it is too sure. The larger a dot, the more answers.</figcaption></figure>
        </div></section>
        """);

    static Html Search(Results r) => r.Search is not { } search ? Html.Nothing : Html.Of($"""
        <section><h2>Search</h2>
        <figure class="broad">{Charts.Parallel(search.Student)}
        <figcaption>Each line is a trial of the student: its options, and at the right what it came to on validation. Bold: the one chosen; faint: given up before the end.</figcaption></figure>
        {HtmlPieces.Table(Tables.Search(search.Student))}
        {(search.Control is null ? Html.Nothing : Html.Of($"""<h2>The control's search</h2>{HtmlPieces.Table(Tables.Search(search.Control))}"""))}
        <p class="note">{Tables.SearchNote(search)}</p></section>
        """);

    static Html Rates(Results r) => Tables.Tuning(r) is not { } table ? Html.Nothing : Html.Of($"""
        <section><h2>Search of the learning rate</h2>
        {HtmlPieces.Table(table, "narrow")}
        <p class="note">Accuracy on validation, %, with {NumberFormat.Seeds(r.Tuning!.Seeds)}, not reported above.
        Control and student each keep the rate marked ✓.</p></section>
        """);

    static Html Provenance(Results r, RunData run) => Html.Of($"""
        <section><h2>How to read this</h2>
        {(r.Control is null ? Html.Nothing : Compared(r))}
        <p>Lower is better for <b>NLL</b> (what the probabilities are worth, right or wrong) and <b>ECE</b> (how far confidence is from accuracy).
        The test set chooses nothing: figures are of the {Tables.Weights(r)}.</p></section>
        <section><h2>Where it comes from</h2>
        {HtmlPieces.Table(Tables.Provenance(r), "facts")}
        <details><summary>The recipe</summary><pre>{run.Card.Recipe.ToJsonString(Json.Indented)}</pre></details></section>
        """);

    static Html Compared(Results r) => r.Teacher is null ? Html.Of($"""
        <p>The <b>control</b> is the student's network trained as long with the labels alone{(r.Stages is null
            ? ", from the same initial weights and in the same order" : "; a procedure takes that long for each of its networks")}: what the student
        has over it is the method's doing. The verdict says <i>helped</i> or <i>hurt</i> when the 95 % Student-t interval of the pairs' differences leaves 0 out, else
        <i>undecided</i>: this many seeds cannot tell.</p>
        """) : Html.Of($"""
        <p>The <b>control</b> is the student's network trained as long, from the same initial weights and {(Tables.SameExamples(r)
            ? "in the same order, without the teacher" : "on the labelled examples, without the teacher and what it says of the others")}: what the student
        has over it is the teacher's doing. The verdict says <i>helped</i> or <i>hurt</i> when the 95 % Student-t interval of the pairs' differences leaves 0 out, else
        <i>undecided</i>: this many seeds cannot tell. <b>Agreement</b> and <b>KL</b> say how closely a network does what the teacher does, right or not.</p>
        """);
}
