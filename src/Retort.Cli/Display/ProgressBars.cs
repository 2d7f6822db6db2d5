using Retort.Training;
using Spectre.Console;
using Spectre.Console.Rendering;
using static System.FormattableString;

namespace Retort.Cli.Display;

/// <summary>
/// Progress on a terminal: a bar for each network in training. A finished one becomes a line above the bars.
/// </summary>
sealed class ProgressBars(IAnsiConsole console, ProgressContext context, TimeProvider clock)
    : IProgress<TrainingProgress>
{
    readonly Dictionary<string, Bar> _bars = [];
    readonly Lock _lock = new();

    sealed record Bar(ProgressTask Task, StepRate Rate, long Start)
    {
        public string Score { get; set; } = "";
    }

    /// <summary>Does the work and shows bars on the error output.</summary>
    public static T Run<T>(
        TimeProvider clock, Func<IProgress<TrainingProgress>, T> work, string stopping, CancellationToken token)
    {
        var console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(Console.Error) });
        using var registration = token.Register(() => WriteLine(console, Markup.Escape(stopping), stopping.Length));
        return console.Progress()
            .AutoClear(true)
            .HideCompleted(true)
            .ExcludeVerticalPadding()
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn { Width = 24 },
                new TextColumn())
            .Start(context => work(new ProgressBars(console, context, clock)));
    }

    public void Report(TrainingProgress value)
    {
        lock (_lock)
        {
            if (value.Note is { } note)
            {
                WriteLine(console, Markup.Escape(note.OnOneLine()), note.Length);
                return;
            }

            if (!_bars.TryGetValue(value.Part, out var bar))
            {
                var task = context.AddTask(Markup.Escape(value.Part), maxValue: Math.Max(value.Steps, 1));
                _bars[value.Part] = bar = new(task, new(clock), clock.GetTimestamp());
            }
            bar.Rate.Update(value.Step);
            if (value.Score is { } score) bar.Score = score.ToString();

            var isLast = value.Step == value.Steps;
            if (isLast && double.IsNaN(value.Loss)) bar.Task.Value = value.Steps;        // no training: no last line
            else if (isLast && value.Score is { } last) End(value, bar, last);
            else Move(value, bar);
        }
    }

    static void Move(TrainingProgress value, Bar bar)
    {
        var left = bar.Rate.TimeFor(value.Steps - value.Step);
        string[] words =
        [
            value.Epochs == 0 ? "" : Invariant($"epoch {value.Epoch}/{value.Epochs}"),
            bar.Score,
            bar.Rate.Text,
            left.Length > 0 ? $"{left} left" : "",
        ];
        bar.Task.Value = Math.Min(value.Step, value.Steps - 0.5);         // full only at the end, which has a score
        bar.Task.Tag = string.Join("  ", words.Where(word => word.Length > 0));
    }

    void End(TrainingProgress value, Bar bar, ValidationScore score)
    {
        if (bar.Task.IsFinished) return;

        bar.Task.Value = value.Steps;
        bar.Task.StopTask();
        var figures = $"  validation {score}, {NumberFormat.Duration(clock.GetElapsedTime(bar.Start))}";
        var markup = $"[green]✓[/] {Markup.Escape(value.Part)}[grey]{figures}[/]";
        WriteLine(console, markup, value.Part.Length + figures.Length + 2);
    }

    /// <summary>Writes a line in the place of the first bar; blanks hide the rest of that bar.</summary>
    static void WriteLine(IAnsiConsole console, string markup, int length) =>
        console.MarkupLine(markup + new string(' ', Math.Max(console.Profile.Width - length - 1, 0)));

    /// <summary>Epoch, score, rate and time left.</summary>
    sealed class TextColumn : ProgressColumn
    {
        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(task.Tag as string ?? "", new(Color.Grey)).Overflow(Overflow.Ellipsis);
    }
}
