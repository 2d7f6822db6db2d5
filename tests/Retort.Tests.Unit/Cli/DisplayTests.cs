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

    [Fact] // one of two students took 10 s, the other is half way after 5: 5 s, and two controls of 10 s
    public void The_time_left_of_a_run_is_that_of_all_its_networks()
    {
        var clock = new Clock();
        var estimate = new RunEstimate(clock);
        Assert.Equal("", estimate.Text);
        Tell(new("run", 0, 4, 0, 0, double.NaN, null) { Run = new(0, 4, Open(("student", 2), ("control", 2))) });
        Assert.Equal("0 of 4 trainings", estimate.Text);
        Tell(new("student-seed1", 0, 100, 0, 1, 0.5, null));
        clock.Seconds = 10;
        Tell(new("student-seed1", 100, 100, 1, 1, 0.5, null));
        Tell(new("run", 1, 4, 0, 0, double.NaN, null) { Run = new(1, 4, Open(("student", 1), ("control", 2))) });
        Assert.Equal("1 of 4 trainings, 30 s left", estimate.Text);
        Tell(new("student-seed2", 0, 100, 0, 1, 0.5, null));
        clock.Seconds = 15;
        Tell(new("student-seed2", 50, 100, 0, 1, 0.5, null));
        Assert.Equal("1 of 4 trainings, 25 s left", estimate.Text);
        Tell(new("run", 4, 4, 0, 0, double.NaN, null) { Run = new(4, 4, Open()) });
        Assert.Equal("", estimate.Text);

        void Tell(TrainingProgress value) => estimate.Update(value);
    }

    [Fact] // two at once, 10 s each: the end of one training neither doubles the time left nor counts once more
    public void The_time_left_of_a_run_does_not_jump_where_a_training_ends()
    {
        var clock = new Clock();
        var estimate = new RunEstimate(clock);
        Tell("run", 0, new(0, 3, Open(("student", 3))));
        Tell("student-seed1", 0);
        clock.Seconds = 5;
        Tell("student-seed2", 0);
        Tell("student-seed1", 50);
        Assert.Equal("0 of 3 trainings, 13 s left", estimate.Text);        // 5, 10 and 10 s, two at once
        clock.Seconds = 10;
        Tell("student-seed2", 50);
        Tell("student-seed1", 100);                                       // ended, not saved yet
        Assert.Equal("0 of 3 trainings, 8 s left", estimate.Text);
        Tell("run", 1, new(1, 3, Open(("student", 2))));
        Tell("student-seed3", 0);
        clock.Seconds = 15;
        Tell("student-seed2", 100);
        Tell("student-seed3", 50);
        Assert.Equal("1 of 3 trainings, 5 s left", estimate.Text);
        Tell("run", 2, new(2, 3, Open(("student", 1))));
        clock.Seconds = 20;
        Tell("student-seed3", 100);
        Assert.Equal("2 of 3 trainings", estimate.Text);

        void Tell(string part, int step, RunProgress? run = null) => estimate.Update(
            new(part, step, 100, 0, 1, run is null ? 0.5 : double.NaN, null) { Run = run });
    }

    static Dictionary<string, int> Open(params (string Kind, int Count)[] kinds) =>
        kinds.ToDictionary(kind => kind.Kind, kind => kind.Count);

    [Theory]
    [InlineData(100, 4, 40)]
    [InlineData(36, 9, 26)]
    [InlineData(24, 13, 24)]
    public void A_table_fits_the_terminal_and_no_number_is_cut(int width, int count, int widest)
    {
        string[][] rows =
        [
            ["", "control", "student"], ["accuracy, %", "80.12 ± 1.00", "90.12 ± 1.00"],
            ["agreement, %", "80.99 ± 1.00", "97.12 ± 1.00"], ["KL", "0.1", "0.2"],
        ];
        List<string> lines = [.. PlainTable.Lines(rows[0], 1, rows.Skip(1), width)];
        Assert.Equal(count, lines.Count);
        Assert.Equal(widest, lines.Max(line => line.Length));
        foreach (var number in (string[])["80.12 ± 1.00", "90.12 ± 1.00", "97.12 ± 1.00"])
            Assert.Single(lines, line => line.EndsWith(number, StringComparison.Ordinal)
                || line.Contains(number + "  ", StringComparison.Ordinal));
    }

    [Theory] // the widths of the columns are 28, 4 and 24
    [InlineData(60, 2, 60)]
    [InlineData(40, 7, 38)]
    public void A_table_of_text_fits_the_terminal_and_nothing_is_cut(int width, int count, int widest)
    {
        string[] row = ["search/student-001-seed1001x", "open", "model.safetensors, other"];
        List<string> lines = [.. PlainTable.Lines(["job", "", "leaves"], 3, [row], width)];
        Assert.Equal((count, widest), (lines.Count, lines.Max(line => line.Length)));
        var first = string.Concat(lines.Where(line => line.Length > 0).Select(line => line.Split(' ')[0]));
        Assert.Contains(width == 60 ? row[0] : $"job{row[0]}job{row[0]}", first, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_is_wrapped_at_spaces_and_long_words_are_cut() => Assert.Equal(
        ["one two", "three", "abcdefghij", "kl"], Wrapping.Lines("one two three abcdefghijkl", 10));

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
