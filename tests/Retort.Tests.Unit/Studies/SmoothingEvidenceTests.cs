using System.Text.Json;
using Retort.Report;
using Retort.Tasks;
using Retort.Runs;
using Retort.Studies;
using Retort.Training;

namespace Retort.Tests.Studies;

/// <summary>
/// What docs/methods/beta.md and sdls.md claim, read from the results that are kept beside the recipes: pairs over ten
/// seeds and more.
/// </summary>
public sealed class SmoothingEvidenceTests
{
    static readonly Func<Evidence, SeedStatistics> s_nll = one => one.Scores["nll"], s_ece = one => one.Scores["ece"];
    static readonly Func<Evidence, SeedStatistics> s_accuracy = one => one.Scores["accuracy"];
    static readonly Func<Evidence, SeedStatistics> s_uncertainty = one => one.Details.TrainingConfidence!.Uncertainty;
    static readonly Func<Evidence, SeedStatistics> s_diversity = one => one.Details.TrainingConfidence!.Diversity;
    static readonly Func<Evidence, SeedStatistics> s_variance = one => one.Details.TrainingConfidence!.Variance;
    static readonly Func<Evidence, SeedStatistics> s_histogram = one => one.Details.TrainingConfidence!.Histogram;

    [Theory]
    [InlineData("noisy-digits", "label-smoothing")]
    [InlineData("noisy-digits", "beta-random")]
    [InlineData("noisy-digits", "beta-reversed")]
    [InlineData("digits", "label-smoothing")]
    [InlineData("digits", "beta-random")]
    [InlineData("digits", "beta-reversed")]
    public void At_equal_mean_weight_ranked_beta_has_a_lower_nll_and_a_lower_calibration_error(
        string data, string other)
    {
        var (ranked, against) = (Student($"{data}-beta"), Student($"{data}-{other}"));
        Assert.True(ranked.Seeds.Count >= 6);
        Assert.True(Difference(ranked, against, s_nll).High < 0);
        Assert.True(Difference(ranked, against, s_ece).High < 0);
    }

    [Theory] // the signature of the ranking: ranked > random ≈ one weight for all > reversed, by all three measures
    [InlineData("digits", true)]
    [InlineData("noisy-digits", false)]                                    // there the two entropies' intervals reach 0
    public void Ranking_spreads_confidence_and_the_reverse_narrows_it(string data, bool surely)
    {
        var (ranked, random, reversed, plain) = (
            Student($"{data}-beta"), Student($"{data}-beta-random"), Student($"{data}-beta-reversed"),
            Student($"{data}-label-smoothing"));
        foreach (var measure in (Func<Evidence, SeedStatistics>[])[s_diversity, s_variance, s_histogram])
        {
            var sure = surely || measure == s_variance;
            Assert.True(Difference(ranked, plain, measure).Low > 0);
            Assert.True(
                (sure ? Difference(ranked, random, measure).Low : Difference(ranked, random, measure).Mean) > 0);
            Assert.True(
                (sure ? Difference(reversed, random, measure).High : Difference(reversed, random, measure).Mean) < 0);
        }
        Assert.True(Difference(ranked, plain, s_uncertainty).High < 0);
    }

    [Fact]
    public void On_clean_digits_smoothing_makes_no_method_less_accurate_than_labels_alone()
    {
        var control = Read("digits-beta").Control!.Scores["accuracy"];
        foreach (var name in (string[])["beta", "beta-random", "beta-reversed", "label-smoothing", "sdls-matched"])
            Assert.True(Student($"digits-{name}").Scores["accuracy"].Mean >= control.Mean, name);
    }

    [Fact] // at T = 1 and a fixed soft weight; the last step is within the noise
    public void On_clean_digits_uncertainty_and_diversity_rise_over_the_first_generations_and_the_nll_falls()
    {
        var results = Read("digits-sdls");
        var (stages, details) = (
            results.Stages!, DetailsOf(results).Stages!.Select(stage => stage.TrainingConfidence).ToList());
        Assert.All(stages.Skip(1), stage => Assert.Equal(1, stage.Temperature!.Mean));
        foreach (
            var measure in (
                Func<TrainingConfidence, SeedStatistics>[])[s => s.Uncertainty, s => s.Diversity, s => s.Variance])
            for (var g = 1; g <= 2; g++)
                Assert.True(Interval.Of(Less(measure(details[g]), measure(details[g - 1]))).Low > 0);
        Assert.True(Interval.Of(Less(details[1].Histogram, details[0].Histogram)).Low > 0);
        Assert.True(Interval.Of(Less(details[2].Histogram, details[1].Histogram)).Mean > 0);
        Assert.True(Interval.Of(Less(stages[2].Scores["nll"], stages[0].Scores["nll"])).High < 0);
        Assert.Equal(0, details.Max(stage => stage.Floored.Mean));
    }

    [Theory] // said on the page: a temperature fitted on validation leaves nothing of it
    [InlineData("digits")]
    [InlineData("noisy-digits")]
    public void One_temperature_takes_the_difference_between_ranked_beta_and_label_smoothing(string data)
    {
        foreach (
            var figure in (
                Func<Evidence, SeedStatistics>[])[one => one.Details.Scaled!.Nll, one => one.Details.Scaled!.Ece])
        {
            var left = Difference(Student($"{data}-beta"), Student($"{data}-label-smoothing"), figure);
            Assert.True(left.Low < 0 && left.High > 0);
        }
    }

    [Fact] // said on the page, so that nobody reads the calibration as a gain in accuracy
    public void Accuracy_does_not_follow()
    {
        Assert.True(Difference(Student("digits-beta"), Student("digits-label-smoothing"), s_accuracy).High < 0);
        var noisy = Difference(Student("noisy-digits-beta"), Student("noisy-digits-label-smoothing"), s_accuracy);
        Assert.True(noisy.Low < 0 && noisy.High > 0);
    }

    [Fact]
    public void All_of_them_share_data_seeds_and_control()
    {
        foreach (var data in (string[])["digits", "noisy-digits"])
        {
            string[] names =
                ["beta", "beta-random", "beta-reversed", "label-smoothing", "confidence-penalty", "sdls-matched"];
            var all = names.Select(name => Read($"{data}-{name}")).ToList();
            Assert.Single(all.Select(results => results.Data.Hash).Distinct());
            Assert.Single(all.Select(results => string.Join(' ', results.Control!.Scores["nll"].Values)).Distinct());
        }
    }

    sealed record Evidence(
        IReadOnlyList<int> Seeds, IReadOnlyDictionary<string, SeedStatistics> Scores, ModelDetails Details);

    static Interval Difference(Evidence one, Evidence other, Func<Evidence, SeedStatistics> figure) =>
        Interval.Of(Less(figure(one), figure(other)));

    static List<double> Less(SeedStatistics one, SeedStatistics other) =>
        [.. one.Values.Zip(other.Values, (a, b) => a - b)];

    static Evidence Student(string recipe)
    {
        var results = Read(recipe);
        return new(results.Student.Seeds, results.Student.Scores, DetailsOf(results).Student);
    }

    static ClassificationDetails DetailsOf(Results results) =>
        results.Details!.Deserialize<ClassificationDetails>(Json.Indented)!;

    static Results Read(string recipe) =>
        JsonSerializer.Deserialize<Results>(File.ReadAllText(KeptResults.PathOf(recipe)), Json.Indented)!;
}
