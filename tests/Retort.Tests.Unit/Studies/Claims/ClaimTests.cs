using Retort.Models;
using Retort.Report;
using Retort.Studies.Fidelity;
using Retort.Training;
using static Retort.Tests.Studies.Claims.JudgementTests;

namespace Retort.Tests.Studies.Claims;

/// <summary>What each claim wants of its rows; the rows are made up.</summary>
public sealed class ClaimTests
{
    [Theory] // of two seeds: agreement +.03; accuracy 0, or +.03 and -.01: .01 ± .254 covers 0 and a gain of any size
    [InlineData(0.90, 0.90, null)]
    [InlineData(0.93, 0.89, "+1.00 points (−24.41 to 26.41)")]
    public void F2_accuracy_must_be_known_not_to_rise(double first, double second, string? missed)
    {
        var claim = new TensionOptions { Setting = "s", Policies = [Data("few"), Data("many")] };
        Judged(
            claim, missed, Row("F2", "few", 1, agreement: 0.90), Row("F2", "few", 2, agreement: 0.90),
            Row("F2", "many", 1, agreement: 0.93, accuracy: first),
            Row("F2", "many", 2, agreement: 0.93, accuracy: second));
    }

    [Theory] // teachers of .90, students of .85 and then .88, or of .85 still
    [InlineData(0.88, null)]
    [InlineData(0.85, "0.00 points (0.00 to 0.00)")]
    public void F3_agreement_and_accuracy_rise_together(double last, string? missed) =>
        Judged(
            new EnsemblesOptions { Setting = "s", Members = [3], Policies = [Data("few"), Data("many")] }, missed,
            Both(seed =>
                [
                    Row("F3", "3 × few", seed, agreement: 0.90, accuracy: 0.85),
                    Row("F3", "3 × many", seed, agreement: 0.95, accuracy: last),
                ]));

    [Theory] // 1 → 4: +.05; 4 → 8: +.005, or +.02 where less than .01 is flat
    [InlineData(0.955, null)]
    [InlineData(0.97, "+2.00 points")]
    public void F5_four_is_far_above_one_and_flat_after(double hot, string? missed) =>
        Judged(new TemperatureOptions { Setting = "s", Temperatures = [1, 4, 8] }, missed, Both(seed =>
            [
                Row("F5", "1 × τ 1", seed, agreement: 0.90), Row("F5", "1 × τ 4", seed, agreement: 0.95),
                Row("F5", "1 × τ 8", seed, agreement: hot),
            ]));

    // +.0100, +.0115: mean .01075, sd/√2 .00075; of one policy ± 12.706 · .00075 = .0095; of
    // two ± 25.452 · .00075 = .0191
    [Theory]
    [InlineData(1, null)]
    [InlineData(2, "\"turned\": +1.07 points (−0.83 to 2.98)")]
    public void F6_the_best_of_several_must_gain_beyond_their_number(int candidates, string? missed) =>
        Judged(new PolicyOptions
        {
            Setting = "s",
            Baseline = Data("as it is"),
            Policies =
            [
                .. ((DataPolicy[])[Data("turned"), Data("shifted")]).Take(candidates),
                Data("noise") with { Unnatural = true },
            ],
        }, missed, Both(seed =>
            [
                Row("F6", "as it is, τ 1", seed, agreement: 0.90), Row("F6", "as it is", seed, agreement: 0.92),
                Row("F6", "turned", seed, agreement: 0.92 + 0.0085 + 0.0015 * seed),
                Row("F6", "shifted", seed, agreement: 0.91), Row("F6", "noise", seed, agreement: 0.89),
            ]));

    [Fact]
    public void F6_unnatural_data_must_not_be_better_than_a_temperature_of_1() =>
        Judged(
            new PolicyOptions
            {
                Setting = "s",
                Baseline = Data("as it is"),
                Policies = [Data("noise") with { Unnatural = true }],
            },
            "+1.00 points (1.00 to 1.00)",
            Both(seed =>
                [
                    Row("F6", "as it is, τ 1", seed, agreement: 0.90), Row("F6", "as it is", seed, agreement: 0.92),
                    Row("F6", "noise", seed, agreement: 0.91),
                ]));

    [Theory] // more accurate on D0 by .02 with both seeds, or by .03 and -.01: the mean alone
    [InlineData(0.91, 0.91, null)]
    [InlineData(0.92, 0.88, "+1.00 points (−24.41 to 26.41)")]
    public void F7_each_half_has_its_own(double first, double second, string? missed) =>
        Judged(new RecyclingOptions { Setting = "s" }, missed, Both(seed =>
            [
                Row("F7", "D0, the teacher's", seed, agreement: 0.93, accuracy: seed == 1 ? first : second, ece: 0.04),
                Row("F7", "D1, the other", seed, agreement: 0.95, accuracy: 0.89, ece: 0.02),
                Row("F7", "D0 and D1", seed, agreement: 0.96),
            ]));

    [Theory] // as for F6: the best of one later step, and of two
    [InlineData(1, null)]
    [InlineData(2, "\"harder\": +1.07 points (−0.83 to 2.98)")]
    public void F8_agreement_falls_on_the_data_and_rises_on_test(int later, string? missed) =>
        Judged(
            new HarderDataOptions
            {
                Setting = "s",
                Policies = [Data("plain"), .. ((DataPolicy[])[Data("harder"), Data("hardest")]).Take(later)],
            },
            missed,
            [.. Both(seed =>
            [
                Row("F8", "plain", seed, agreement: 0.90, train: 0.97),
                Row("F8", "harder", seed, agreement: 0.90 + 0.0085 + 0.0015 * seed, train: 0.93),
                Row("F8", "hardest", seed, agreement: 0.90, train: 0.88),
            ]).Where(row => later == 2 || row.Arm != "hardest")]);

    [Theory] // three times as long +.02 of .10 left; Adam worse by .01, or by -.01 and +.01, which says nothing
    [InlineData(0.87, 0.87, null)]
    [InlineData(0.87, 0.89, "0.00 points (−12.71 to 12.71)")]
    public void F9_neither_length_nor_optimizer_changes_it(double first, double second, string? missed) =>
        Judged(new LongerTrainingOptions
        {
            Setting = "s",
            Variants =
            [
                new() { Title = "SGD" }, new() { Title = "longer", Longer = 3 },
                new() { Title = "Adam", Optimizer = new AdamOptions() },
            ],
        }, missed, Both(seed =>
            [
                Row("F9", "SGD", seed, train: 0.88), Row("F9", "longer", seed, train: 0.90),
                Row("F9", "Adam", seed, train: seed == 1 ? first : second),
            ]));

    [Theory] // a wider student +.02, or +.05 where .03 is small; α takes .01
    [InlineData(0.92, null)]
    [InlineData(0.95, "+5.00 points (5.00 to 5.00)")]
    public void F12_neither_capacity_nor_labels_are_the_cause(double wide, string? missed) =>
        Judged(
            new CapacityOptions
            {
                Setting = "s",
                Students = [new() { Title = "wide", Network = new MlpOptions() }],
                LabelWeights = [0.3],
            },
            missed,
            Both(seed =>
                [
                    Row("F12", "the setting's", seed, agreement: 0.90), Row("F12", "wide", seed, agreement: wide),
                    Row("F12", "α .3", seed, agreement: 0.89),
                ]));

    static DataPolicy Data(string title) => new() { Title = title };

    static ClaimRow[] Both(Func<int, ClaimRow[]> rows) => [.. rows(1), .. rows(2)];

    /// <summary>Held, or not for the one check that measured this.</summary>
    static void Judged(ClaimOptions claim, string? missed, params ClaimRow[] rows)
    {
        var judged = claim.Judge(rows);
        Assert.Equal(
            missed is null ? [] : [missed],
            judged.Checks.Where(check => !check.Passed).Select(check => check.Measured));
        Assert.Equal(missed is null ? ClaimOutcome.Held : ClaimOutcome.NotHeld, judged.Outcome);
    }
}
