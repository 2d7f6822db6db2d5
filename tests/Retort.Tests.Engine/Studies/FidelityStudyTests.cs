using System.Diagnostics;
using System.Text.Json.Nodes;
using Retort.Report;
using Retort.Studies.Fidelity;
using Retort.Tests.Contract;
using Retort.Tests.House;
using Retort.Tests.Recipes;

namespace Retort.Tests.Studies;

/// <summary>A study from its file to its report, on toy pictures.</summary>
public sealed class FidelityStudyTests
{
    internal const string Text = TinyStudy.Text;

    [Fact]
    public void A_study_leaves_networks_rows_and_a_report_that_follows_from_the_rows()
    {
        var folder = TestRuns.Folder();
        FidelityStudy.Run(FidelityRecipe.Parse(Text, "tiny.json"), new() { Folder = folder });
        Assert.Equal(
            [
                "lock", "networks", "plane.json", "recipe.json", "report.html", "report.md", "results.json",
                "rows.jsonl", "run.json",
            ],
            Directory.GetFileSystemEntries(folder)
                .Select(path => Path.GetFileName(path))
                .Order(StringComparer.Ordinal));
        // 2 seeds: 2 teachers each; students of one and of two, and at λ ½ and 1, each with
        // the smaller rate and without
        Assert.Equal(2 * 2 + 2 * (2 + 4), Directory.GetDirectories(Path.Combine(folder, "networks")).Length);

        var shelved = Assert.Single(new RunList(Path.GetDirectoryName(folder)!).Runs());
        Assert.Equal(
            (null, true, FidelityStudy.Read(Path.Combine(folder, "results.json")).Verdict.Sentence),
            (shelved.Problem, shelved.Finished, shelved.Study));

        var rows = ClaimRows.Read(folder);
        Assert.Equal(2 * 2 + 2 * 5, rows.Count);
        Assert.All(rows, row => Assert.NotEqual(row.Student, row.Control!.Student));
        Assert.Equal(rows[0].Control!.Student, rows[1].Student);                   // the next seed's
        Assert.All(rows, row => Assert.Equal(row.Claim == "F10", row.Control!.TrainAgreement is not null));
        Assert.All(rows.Where(row => row.Arm == "λ 1"), row =>
        {
            Assert.InRange(row.Control!.TrainAgreement!.Value, 0, 1);
            Assert.True(row.Control.Excess > row.Figures.Excess);
            Assert.Equal((1, 1), (row.Figures.Agreement, row.Figures.TrainAgreement));
            Assert.InRange(row.Figures.Excess, 0, 1e-8);
            Assert.All(row.Figures.Cka, stage => Assert.Equal(1, stage, tolerance: 1e-5));
        });

        // the plane's points are at -½, 0, ½, 1, 1½: the teacher's, with nothing over the
        // floor, and the student's, as its row has it
        var plane = LossPlane.Read(folder)!;
        Assert.Equal((0, 1), (plane.Excess[1][1], plane.Agreement[1][1]));
        var student = rows.Single(row => row is { Claim: "F10", Arm: "λ 0", Seed: 1 });
        Assert.Equal(student.Student, plane.Student);
        Assert.Equal(student.Figures.Excess, plane.Excess[1][3], tolerance: 1e-4 * student.Figures.Excess);
        Assert.Equal(student.Figures.TrainAgreement, plane.Agreement[1][3]);

        Assert.Empty(FidelityStudy.Differences(folder));
        var lines = File.ReadAllText(Path.Combine(folder, "rows.jsonl"));
        File.WriteAllText(
            Path.Combine(folder, "rows.jsonl"), lines.Replace("\"x\":1,", "\"x\":1.5,", StringComparison.Ordinal));
        Assert.StartsWith(
            "rows.jsonl, line 1: its networks' files say something else: {\"claim\":\"F4\",\"arm\":\"1\"",
            FidelityStudy.Differences(folder)[0],
            StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(folder, "rows.jsonl"), lines);
        File.AppendAllText(Path.Combine(folder, "report.md"), "and more");
        Assert.Equal(["report.md does not follow from rows.jsonl."], FidelityStudy.Differences(folder));

        var page = File.ReadAllText(Path.Combine(folder, "report.html"));
        foreach (var file in (string[])["report.html", "report.md", "results.json"])
            File.Delete(Path.Combine(folder, file));
        Directory.Delete(Path.Combine(folder, "networks"), recursive: true);
        var results = FidelityStudy.Report(folder);
        Assert.Equal(page, File.ReadAllText(Path.Combine(folder, "report.html")));
        Assert.Equal(13, results.Claims.Count);
        Assert.Equal(
            ["F4", "F10"],
            results.Claims.Where(claim => claim.Outcome != ClaimOutcome.NotRun).Select(claim => claim.Id));
        Assert.Equal(rows.Where(row => row is { Claim: "F4", Arm: "2" }).Average(row => row.Figures.Agreement),
            results.Claims[3].Arms[1].Figures["agreement"].Mean, tolerance: 1e-12);
    }

    [Fact]
    public void A_study_that_lost_a_control_is_not_judged()
    {
        var folder = TestRuns.Folder();
        FidelityStudy.Run(
            FidelityRecipe.Parse(Text, "tiny.json", "claims.1.shares=[0,0.5]", "claims.1.plane=0"),
            new() { Folder = folder });
        var path = Path.Combine(folder, "rows.jsonl");
        var lines = File.ReadAllLines(path);
        var first = JsonNode.Parse(lines[0])!.AsObject();
        first.Remove("control");
        lines[0] = first.ToJsonString();
        File.WriteAllLines(path, lines);
        Assert.StartsWith(
            "F4, \"1\", seed 1: there is no control",
            Assert.Throws<InvalidOperationException>(() => FidelityStudy.Report(folder)).Message,
            StringComparison.Ordinal);
    }

    [Fact] // its data is a file: as the run's folder has the study, the path to it is another one
    public void What_a_child_left_half_done_this_process_ends()
    {
        var (file, whole, broken) = (Path.Combine(Few.Folder(), "digits.json"), TestRuns.Folder(), TestRuns.Folder());
        File.Copy(
            Repository.At("data/digits/digits.csv.gz"), Path.Combine(Path.GetDirectoryName(file)!, "digits.csv.gz"));
        File.WriteAllText(file, Digits().ToJsonString());
        var recipe = FidelityRecipe.Read(file);
        FidelityStudy.Run(recipe, new() { Folder = whole });
        Assert.NotEqual(recipe.Hash, FidelityRecipe.Read(Path.Combine(whole, "recipe.json")).Hash);
        using (var stop = new CancellationTokenSource())
            Assert.Throws<OperationCanceledException>(
                () => FidelityStudy.Run(recipe, new() { Folder = broken }, new Epochs(_ => stop.Cancel()), stop.Token));
        foreach (var teacher in FidelityPlan.Of(recipe).Jobs.Where(job => job.Needs.Count == 0).Select(job => job.Name))
        {
            using var stop = new CancellationTokenSource();
            Assert.Throws<OperationCanceledException>(() => FidelityStudy.RunAsChild(
                broken, [teacher], _ => { }, new Epochs(_ => stop.Cancel()), stop.Token));
            Assert.True(File.Exists(Path.Combine(broken, "networks", teacher, "checkpoint.safetensors")));
        }
        FidelityStudy.Run(recipe, new() { Folder = broken, Resume = true });
        Assert.Equal(
            File.ReadAllText(Path.Combine(whole, "rows.jsonl")), File.ReadAllText(Path.Combine(broken, "rows.jsonl")));

        static JsonObject Digits()
        {
            var study = JsonNode.Parse(Text)!.AsObject();
            study["data"] = new JsonObject
            {
                ["name"] = "csv", ["path"] = "digits.csv.gz", ["label"] = "-1", ["validation"] = 20, ["test"] = 100,
                ["pixels"] = new JsonObject { ["height"] = 8, ["width"] = 8, ["scale"] = 16 },
            };
            study["claims"]!.AsArray().RemoveAt(1);
            return study;
        }
    }

    [Fact]
    public void A_training_that_fails_ends_its_claim_and_not_the_study()
    {
        var folder = TestRuns.Folder();
        FidelityStudy.Run(FidelityRecipe.Parse(Text, "tiny.json", """
            claims.1={ "name": "longer-training", "setting": "tiny", "variants": [
                { "title": "SGD" }, { "title": "longer", "longer": 2 },
                { "title": "Adam", "optimizer": { "name": "adam" } }, { "title": "wild", "learningRate": 1e38 }] }
            """), new() { Folder = folder });
        var rows = ClaimRows.Read(folder);
        Assert.Equal(["wild"], rows.Where(row => row.Failed is not null).Select(row => row.Arm).Distinct());
        Assert.All(rows.Where(row => row.Arm == "wild"), row =>
        {
            Assert.Equal((row.Student, null, null), (row.Failed, row.Found, row.Control));
            Assert.Matches(
                $"^{row.Student}: .+ is no longer a finite number at step ",
                TestRuns.Card(folder, row.Student).Diverged!);
        });
        var results = FidelityStudy.Read(Path.Combine(folder, "results.json"));
        var (members, longer) = (results.Claims[3], results.Claims[8]);
        Assert.Equal(5, members.Checks.Count);
        Assert.Equal(ClaimOutcome.NotHeld, longer.Outcome);
        Assert.StartsWith(
            "a training failed: of \"wild\", seed 1, \"wild\", seed 2; networks/student-seed1-",
            Assert.Single(longer.Checks).Measured,
            StringComparison.Ordinal);
        Assert.Equal(["SGD", "longer", "Adam"], longer.Arms.Select(arm => arm.Arm));
        Assert.Empty(FidelityStudy.Differences(folder));
    }

    [Fact] // of its teachers' failure nothing but the claim's is left
    public void Students_of_a_teacher_that_failed_are_not_trained()
    {
        var folder = TestRuns.Folder();
        FidelityStudy.Run(
            FidelityRecipe.Parse(Text, "tiny.json", "settings.tiny.teacherTraining.learningRate=1e38"),
            new() { Folder = folder });
        Assert.All(ClaimRows.Read(folder), row => Assert.Equal(row.Teachers[0], row.Failed));
        Assert.Equal(["F4", "F10"], FidelityStudy.Read(Path.Combine(folder, "results.json")).Verdict.NotHeld);
        Assert.False(File.Exists(Path.Combine(folder, "plane.json")));
        Assert.Empty(FidelityStudy.Differences(folder));
    }

    public static TheoryData<string> Kept => [.. Repository.Studies];

    [Theory, MemberData(nameof(Kept))]
    public void A_study_that_is_kept_can_be_planned_and_its_results_follow_from_its_claims(string file)
    {
        var recipe = FidelityRecipe.Read(Repository.At(file));
        var plan = FidelityPlan.Of(recipe);
        Assert.Equal(recipe.Claims.Count, plan.Students.Select(planned => planned.Claim).Distinct().Count());
        Assert.All(plan.Students, planned => Assert.NotEqual(planned.Student, planned.Control));
        var results = Path.ChangeExtension(Repository.At(file), ".results.json");
        if (!File.Exists(results)) return;
        var found = FidelityStudy.Read(results);
        Assert.Equal(recipe.Claims.Count, found.Claims.Count(claim => claim.Outcome != ClaimOutcome.NotRun));
        Assert.All(found.Claims, claim => Assert.Equal(
            claim.Outcome == ClaimOutcome.Held, claim.Checks.Count > 0 && claim.Checks.All(check => check.Passed)));
    }
}
