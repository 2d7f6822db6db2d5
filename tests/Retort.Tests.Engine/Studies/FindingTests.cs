using System.Text.Json;
using System.Text.Json.Nodes;
using Retort.Contracts;
using Retort.Report;
using Retort.Tasks;
using Retort.Tests.Contract;

namespace Retort.Tests.Studies;

/// <summary>What a report says before its figures: each finding is there where it holds, and only there.</summary>
public sealed class FindingTests
{
    static IReadOnlyList<string> Found(SampleRun sample, Action<string>? change = null)
    {
        var folder = sample.Write(Path.Combine(Few.Folder(), "run"));
        change?.Invoke(folder);
        return [.. Reports.Write(folder).Findings?.Select(finding => finding.Text) ?? []];
    }

    [Fact]
    public void A_sound_run_has_none()
    {
        var folder = new SampleRun { Test = 600 }.Write(Path.Combine(Few.Folder(), "run"));
        Assert.Null(Reports.Write(folder).Findings);
        Assert.DoesNotContain("findings", File.ReadAllText(Path.Combine(folder, "results.json")));
        Assert.DoesNotContain("Before you read", File.ReadAllText(Path.Combine(folder, "report.md")));
    }

    [Fact]
    public void A_teacher_that_is_no_better_than_the_control()
    {
        var sample = new SampleRun { Test = 600, TeacherSkill = 1, ControlSkill = 3, StudentSkill = 5 };
        Assert.StartsWith("The teacher is no better than the control: accuracy ", Assert.Single(Found(sample)));
        var pretrained = sample with { Given = true };
        var folder = pretrained.Write(Path.Combine(Few.Folder(), "run"));
        Assert.Contains("normalization", Assert.Single(Reports.Write(folder).Findings!).Advice);
        var page = File.ReadAllText(Path.Combine(folder, "report.md"));
        Assert.StartsWith(
            "# sample on made data\n\n## Before you read the figures\n\n- **The teacher is no better", page);
    }

    [Fact]
    public void What_was_wrong_with_the_data_comes_first()
    {
        var sample = new SampleRun { Test = 600, TeacherSkill = 1, ControlSkill = 3, StudentSkill = 5 };
        var found = Found(sample, folder =>
        {
            var path = Path.Combine(folder, "run.json");
            var info = JsonNode.Parse(File.ReadAllText(path))!;
            info["dataFindings"] = new JsonArray(
                new JsonObject { ["text"] = "1 image cannot be read.", ["advice"] = "Repair it." });
            File.WriteAllText(path, info.ToJsonString());
        });
        Assert.Equal("1 image cannot be read.", found[0]);
        Assert.StartsWith("The teacher is no better", found[1]);
    }

    [Theory]
    [InlineData(0.1, 0.1, "The student's best learning rate, 0.1, is the highest that was tried.", "Try 0.2 too.")]
    [InlineData(0.05, 0.02, "The control's best learning rate, 0.02, is the lowest that was tried.", "Try 0.01 too.")]
    public void A_best_rate_at_the_edge_of_its_grid(double student, double control, string text, string advice)
    {
        double[] rates = [0.02, 0.05, 0.1];
        var sample = new SampleRun
        {
            Test = 600,
            Search = SampleRun.Rates([.. rates.Select(rate =>
                (rate, rate == control ? 0.9 : 0.8, rate == student ? 0.9 : 0.8))]),
        };
        var folder = sample.Write(Path.Combine(Few.Folder(), "run"));
        var findings = Reports.Write(folder).Findings!;
        Assert.Contains(new Finding(text, advice), findings);
        Assert.Contains(findings, one => one.Text.Contains("and not for the teacher", StringComparison.Ordinal));
    }

    [Theory] // twice that of guessing among three classes: 2 ln 3 = 2.197
    [InlineData("control-seed2", 2.1, 1.0, null)]
    [InlineData("control-seed2", 2.3, 1.0, "The mean loss of the first epoch is more than twice that of guessing")]
    [InlineData("control-seed2", 1.0, 1.01, "The mean loss rose from the first epoch to the second")]
    [InlineData("student-seed1", 8.7, 1.0, null)]             // a loss of another kind
    [InlineData("student-seed1", 8.7, 8.8, "The mean loss rose from the first epoch to the second")]
    public void A_loss_that_rose_at_the_start(string part, double first, double second, string? text)
    {
        var found = Found(new SampleRun { Test = 600 }, folder =>
        {
            var path = Path.Combine(folder, "networks", part, "metrics.jsonl");
            var lines = File.ReadAllLines(path);
            lines[0] = WithLoss(lines[0], first);
            lines[1] = WithLoss(lines[1], second);
            File.WriteAllLines(path, lines);
        });
        Assert.Equal(text is null ? [] : [$"{text}: {part}."], found);

        static string WithLoss(string line, double loss)
        {
            var epoch = JsonNode.Parse(line)!;
            epoch["loss"]!["total"] = loss;
            return epoch.ToJsonString(new JsonSerializerOptions());
        }
    }

    // two classes, of which "a" has three of five test examples
    static readonly long[] s_labels = [0, 0, 0, 1, 1];

    static NetworkPredictions Predicted(params int[] classes)
    {
        var test = new Predictions
        {
            Output = "logits", Width = 2, Labels = s_labels, Ids = [0, 1, 2, 3, 4],
            Values = [.. classes.SelectMany(k => k == 0 ? new float[] { 1, 0 } : [0, 1])],
        };
        return new(test, test);
    }

    [Fact] // five of five on validation, one of five on test: .8 apart, and three standard errors are .54
    public void Validation_and_test_that_are_unlike()
    {
        var (good, bad) = (Predicted(0, 0, 0, 1, 1), Predicted(1, 1, 1, 0, 1));
        const string text = "Accuracy is 100.0 % on validation and 20.0 % on test, the mean of control and student: "
            + "further apart than chance explains.";
        Assert.Contains(text, Of(good, [good with { Test = bad.Test }], [good with { Test = bad.Test }]));
        Assert.DoesNotContain(Of(good, [good], [good with { Test = bad.Test }]), one => one.Contains("further apart"));
    }

    static IReadOnlyList<string> Of(
        NetworkPredictions teacher, NetworkPredictions[] controls, NetworkPredictions[] students) =>
        [.. All(teacher, controls, students).Select(finding => finding.Text)];

    static IReadOnlyList<Finding> All(
        NetworkPredictions teacher, NetworkPredictions[] controls, NetworkPredictions[] students)
    {
        var data = new DatasetInfo { Classes = ["a", "b"], Inputs = [], Targets = TargetKind.Class };
        var task = new ClassificationOptions().Build(data);
        return [.. new ClassificationFindings(task, new(data, teacher, controls, students)).All()];
    }

    [Fact] // three of five is what "a" alone gives; four is more
    public void Networks_at_chance()
    {
        var (good, weak) = (Predicted(0, 0, 0, 1, 0), Predicted(0, 0, 0, 0, 0));
        Assert.DoesNotContain(Of(good, [good], [good]), text => text.StartsWith("No better", StringComparison.Ordinal));
        Assert.Contains(
            "No better than always guessing the most frequent class (60.0 % of the test split): the teacher, "
                + "the control of 1 of 2 seeds, the student of 2 of 2 seeds.",
            Of(weak, [good, weak], [weak, weak]));
    }

    [Theory] // the weak student's steps and the weak teacher's
    [InlineData(5, 19, "A network learns nothing in so few steps (19): more training.epochs or a smaller "
        + "training.batchSize give more.")]
    [InlineData(5, 20, "Such a network has not learned: try a tenth of its learningRate, and maxGradientNorm 1.")]
    [InlineData(0, 0, "Such a network has not learned: try a tenth of its learningRate, and maxGradientNorm 1.")]
    public void After_a_few_steps_the_advice_is_to_take_more(long student, long teacher, string advice)
    {
        var weak = Predicted(0, 0, 0, 0, 0);
        var findings = All(weak with { Steps = teacher }, [], [weak with { Steps = student }]);
        Assert.Equal(advice, findings.First(one => one.Text.StartsWith("No better", StringComparison.Ordinal)).Advice);
    }

    [Fact] // one gained and none lost of five: 20 points, and 1.96 √1 / 5 = 39.2 points
    public void A_test_split_that_is_too_small_for_the_difference()
    {
        var (control, student) = (Predicted(0, 0, 0, 1, 0), Predicted(0, 0, 0, 1, 1));
        var (controls, students) = (Enumerable.Repeat(control, 3).ToArray(), Enumerable.Repeat(student, 3).ToArray());
        Assert.Contains("The 5 test examples are too few for this difference: other examples alone move it by "
            + "±39.2 points, and it is +20.0 points of accuracy.", Of(student, controls, students));
        Assert.Contains(All(student, controls, students), one => one.Advice.Contains("About 20 would show it: "));
        Assert.DoesNotContain(Of(student, students, students), text => text.Contains("too few for this"));
        Assert.DoesNotContain(Of(student, [control], [student]), text => text.Contains("too few for this"));
    }

    [Fact] // two gained and one lost over three pairs: 5 (1.96² · 3 · 3) = 173, more than 20 times as many
    public void A_difference_that_is_too_small_to_be_worth_more_test_examples()
    {
        var (four, five) = (Predicted(0, 0, 0, 1, 0), Predicted(0, 0, 0, 1, 1));
        Assert.Contains(All(five, [four, four, five], [five, five, four]), one => one.Advice
            == "Take student and control as equally good: about 180 would be needed to show a difference as small as "
                + "this. More seeds do not help.");
    }

    [Theory] // of 3 × 2,000 examples: 1 is 0.017 points, 3 are 0.05
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(-1, false)]
    [InlineData(3, true)]
    [InlineData(-3, true)]
    [InlineData(400, false)]
    public void No_test_split_is_too_small_for_a_difference_of_nothing(int difference, bool isFound) =>
        Assert.Equal(isFound, new ExampleChanges(500 + difference, 500, Pairs: 3, Count: 2000).IsWithinMargin);

    [Fact]
    public void Classes_with_few_test_examples() => Assert.Contains(
        "2 of 2 classes have fewer than 10 test examples: \"a\" (3), \"b\" (2).",
        Of(Predicted(0, 0, 0, 1, 1), [], [Predicted(0, 0, 0, 1, 1)]));
}
