using Retort.Training;
using Retort.Recipes;
using Retort.Report;
using Retort.Runs;

namespace Retort.Studies.Fidelity;

/// <summary>A study's report as one page that asks nothing of anywhere else.</summary>
static class FidelityPage
{
    /// <summary>What the figures are.</summary>
    public const string Reading = "agreement and KL are the student's with its teacher on test, the control's those of a student "
        + "of an independent teacher with the same teacher; the gain is what is left of agreement when being right is taken off. \"On its data\" is agreement on the distillation data, "
        + "shown anew after training. Networks have the weights of the last step. "
        + "Where a claim speaks of the best of several, it is chosen by the same test figures, and its interval is widened for their number.";

    public static Html Of(FidelityResults r, LossPlane? plane) => HtmlPage.Framed($"{r.Name} on {r.Data}", Html.Of($"""
        <header><p class="over">Retort fidelity study</p><h1>{r.Name} <span>on {r.Data}</span></h1></header>
        <main>
        <section><h2>Does the student do what its teacher does?</h2>
        <p class="sentence">{r.Verdict.Sentence}.</p>
        <table class="claims"><thead><tr><th scope="col" class="word">Claim</th><th scope="col" class="word">Here</th><th scope="col" class="word">What the paper says</th></tr></thead>
        <tbody>{Html.Each(r.Claims, claim => Html.Of($"""
            <tr><th scope="row">{(claim.Outcome == ClaimOutcome.NotRun ? Html.Of($"{claim.Id}") : Html.Of($"""<a href="#{claim.Id}">{claim.Id}</a>"""))}</th>
            <td class="word"><b class="badge {Tone(claim)}">{claim.Word}</b></td><td class="word">{claim.Says}</td></tr>
            """))}</tbody></table>
        <p class="note">Stanton et al., arXiv:2106.05945. {r.Networks} networks, {NumberFormat.Seeds(r.Seeds)}; mean ± standard deviation over seeds; {Reading}</p></section>
        {Html.Each(r.Claims.Where(claim => claim.Outcome != ClaimOutcome.NotRun), claim => Claim(claim, claim.Id == "F10" ? plane : null))}
        <section><h2>Where it comes from</h2>
        {HtmlPieces.Table(new(["", ""], 2, [["Data", $"{r.Data}, {r.DataHash}"], .. r.Versions.Select(pair => (IReadOnlyList<string>)[pair.Key, pair.Value])]), "facts")}
        <details><summary>The study</summary><pre>{r.Recipe.ToJsonString(Json.Indented)}</pre></details></section>
        </main>
        """), "study");

    static Html Claim(Judgement claim, LossPlane? plane) => Html.Of($"""
        <section id="{claim.Id}"><h2>{claim.Id} <b class="badge {Tone(claim)}">{claim.Word}</b></h2>
        <p>{claim.Says} <small>Setting: {claim.Setting}.</small></p>
        {HtmlPieces.Table(FidelityTables.Checks(claim), "checks")}
        <div class="charts">{(claim.Arms.Count == 0 ? Html.Nothing : Html.Of($"""
            <figure><p class="key"><span class="student">student</span><span class="control">control</span><span class="teacher">student, on its data</span></p>
            {FidelityCharts.Agreements(claim)}</figure>
            """))}
        {(plane is null ? Html.Nothing : Html.Of($"""
            <figure>{FidelityCharts.Plane(plane)}<figcaption>The loss over its floor on the plane through the weights of teacher, student (seed 1, λ = 0) and its first ones;
            the darker, the lower, on a logarithmic scale.</figcaption></figure>
            """))}</div>
        {HtmlPieces.Table(FidelityTables.Arms(claim), "steps")}
        </section>
        """);

    static string Tone(Judgement claim) => claim.Outcome switch
    {
        ClaimOutcome.Held => "helped",
        ClaimOutcome.NotHeld => "hurt",
        _ => "open",
    };
}
