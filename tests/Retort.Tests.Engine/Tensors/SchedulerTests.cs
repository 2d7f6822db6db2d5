using System.Globalization;
using Retort.Training;

namespace Retort.Tests.Tensors;

public sealed class SchedulerTests
{
    [Theory] // the fidelity study: from 5e-2 to 1e-6 in 300 steps
    [InlineData(0, .05)]
    [InlineData(75, .0426778)]
    [InlineData(150, .0250005)]
    [InlineData(225, .0073232)]
    [InlineData(299, 2.3707e-6)]
    [InlineData(300, 1e-6)]
    public void Cosine_has_the_values_of_the_fidelity_study(long step, double rate)
    {
        var schedule = new CosineSchedulerOptions { Final = 1e-6 / 5e-2 };
        Assert.Equal(rate, 5e-2 * schedule.Factor(step, 300), rate < 1e-5 ? 1e-10 : 1e-7);
    }

    [Fact]
    public void Constant_stays_at_1()
    {
        var schedule = new ConstantSchedulerOptions();
        Assert.Equal([1, 1], new[] { 0L, 99 }.Select(step => schedule.Factor(step, 100)));
    }

    [Fact] // milestones at .5 · 100 and .75 · 100
    public void Step_falls_at_its_milestones()
    {
        var schedule = new StepSchedulerOptions();
        var factors = new[] { 49L, 50, 74, 75 }
            .Select(step => schedule.Factor(step, 100).ToString("0.####", CultureInfo.InvariantCulture));
        Assert.Equal(["1", "0.1", "0.1", "0.01"], factors);
    }

    [Fact] // 10 of 110 steps are warm-up: 1/11 … 10/11; then 1 − (1 − .2) t / 100
    public void Linear_rises_in_warm_up_and_falls_afterwards()
    {
        var schedule = new LinearSchedulerOptions { WarmUp = 10.0 / 110, Final = 0.2 };
        Assert.Equal(1.0 / 11, schedule.Factor(0, 110), 1e-12);
        Assert.Equal(10.0 / 11, schedule.Factor(9, 110), 1e-12);
        Assert.Equal(1, schedule.Factor(10, 110), 1e-12);
        Assert.Equal(0.6, schedule.Factor(60, 110), 1e-12);
    }

    [Fact]
    public void Every_schedule_begins_with_its_warm_up()
    {
        SchedulerOptions[] schedules =
        [
            new ConstantSchedulerOptions { WarmUp = 0.1 },
            new StepSchedulerOptions { WarmUp = 0.1 },
            new CosineSchedulerOptions { WarmUp = 0.1 },
            new LinearSchedulerOptions { WarmUp = 0.1 },
        ];
        Assert.All(schedules, schedule =>
            Assert.Equal([1.0 / 11, 1], new[] { 0L, 10 }.Select(step => schedule.Factor(step, 100))));
    }

    [Fact]
    public void Milestones_out_of_order_are_refused()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(
            () => OptionRules.Check(new StepSchedulerOptions { Milestones = [0.5, 0.4] }));
        Assert.Contains(
            "Milestones must be rising, and 0.5 comes before; it is 0.4.", error.Message, StringComparison.Ordinal);
    }
}
