using Retort.Cli.Display;
using Retort.Training;

namespace Retort.Tests.Cli;

/// <summary>Progress in files and pipes.</summary>
public sealed class DisplayTests
{
    [Fact] // 100 steps in 10 s are 10 steps/s; 300 are left, 30 s
    public void An_epoch_is_a_line_with_rate_and_time_left()
    {
        var (clock, output) = (new Clock(), new StringWriter { NewLine = "\n" });
        var lines = new ProgressLines(output, clock);
        lines.Report(new("student-seed1", 0, 400, 0, 4, 0, null));
        clock.Seconds = 10;
        lines.Report(new("student-seed1", 100, 400, 1, 4, 0.51234, new("accuracy", ScoreUnit.Percent, 0.875)));
        Assert.Equal(
            "student-seed1  epoch 1/4  loss 0.5123  validation accuracy 87.50 %  10 steps/s  30 s left\n",
            output.ToString());
    }

    [Fact]
    public void Short_epochs_share_a_line_and_the_last_always_has_its_own()
    {
        var (clock, output) = (new Clock(), new StringWriter { NewLine = "\n" });
        var lines = new ProgressLines(output, clock);
        for (var epoch = 1; epoch <= 10; epoch++)
        {
            clock.Seconds = epoch * 0.5;
            lines.Report(new("teacher", epoch, 10, epoch, 10, 1, new("accuracy", ScoreUnit.Percent, 0.5)));
        }
        var epochs = output.ToString().Split('\n')[..^1].Select(line => line.Split("epoch ")[1].Split(' ')[0]);
        Assert.Equal(["5/10", "9/10", "10/10"], epochs);
    }

    [Fact]
    public void A_long_epoch_has_lines_in_between()
    {
        var (clock, output) = (new Clock(), new StringWriter { NewLine = "\n" });
        var progress = new ProgressLines(output, clock);
        for (var second = 0; second <= 40; second++)
        {
            clock.Seconds = second;
            progress.Report(new("teacher", 2 * second, 1000, 0, 1, 0.25, null));
        }
        string[] lines =
        [
            "teacher  step 30/1000  loss 0.2500  2.0 steps/s  8 min 5 s left",
            "teacher  step 60/1000  loss 0.2500  2.0 steps/s  7 min 50 s left",
        ];
        Assert.Equal(lines, output.ToString().Split('\n')[..^1]);
    }

    [Theory]
    [InlineData(8.4, "8 s")]
    [InlineData(125, "2 min 5 s")]
    [InlineData(11400, "3 h 10 min")]
    public void A_duration_is_written_in_two_units_at_most(double seconds, string text) =>
        Assert.Equal(text, NumberFormat.Duration(TimeSpan.FromSeconds(seconds)));

    sealed class Clock : TimeProvider
    {
        public double Seconds { get; set; }
        public override long TimestampFrequency => 1000;
        public override long GetTimestamp() => (long)(Seconds * 1000);
    }
}
