using Retort.Training;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Retort.Cli.Display;

/// <summary>Progress on a terminal: a bar for each network at work; one that is done moves up and stays as a line.</summary>
sealed class ProgressBars(IAnsiConsole console, ProgressContext context, TimeProvider clock) : IProgress<TrainingProgress>
{
    readonly Dictionary<string, (ProgressTask Task, StepRate Pace, long Begun)> _parts = [];
    readonly Dictionary<string, string> _accuracies = [];
    readonly Lock _one = new();

    /// <summary>Does the work with bars below each other on the error output.</summary>
    public static T Show<T>(TimeProvider clock, Func<IProgress<TrainingProgress>, T> work, string stopping, CancellationToken token)
    {
        var console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(Console.Error) });
        using var heard = token.Register(() => Above(console, Markup.Escape(stopping), stopping.Length));
        return console.Progress().AutoClear(true).HideCompleted(true).ExcludeVerticalPadding()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 24 }, new Words())
            .Start(context => work(new ProgressBars(console, context, clock)));
    }

    public void Report(TrainingProgress value)
    {
        lock (_one)
        {
            if (value.Note is { } note)
            {
                Above(console, Markup.Escape(note), note.Length);
                return;
            }
            if (!_parts.TryGetValue(value.Part, out var part))
                _parts[value.Part] = part = (context.AddTask(Markup.Escape(value.Part), maxValue: Math.Max(value.Steps, 1)), new(clock), clock.GetTimestamp());
            part.Pace.Heard(value.Step);
            if (value.Score is { } score) _accuracies[value.Part] = score.ToString();
            if (value.Step == value.Steps && double.IsNaN(value.Loss)) part.Task.Value = value.Steps;     // no training: nothing to tell of its end
            else if (value.Step == value.Steps && value.Score is { } last) End(value, part.Task, last, clock.GetElapsedTime(part.Begun));
            else Move(value, part.Task, part.Pace, _accuracies.GetValueOrDefault(value.Part, ""));
        }
    }

    static void Move(TrainingProgress value, ProgressTask task, StepRate pace, string accuracy)
    {
        task.Value = Math.Min(value.Step, value.Steps - 0.5);          // full is the end, and that comes with a figure
        task.Tag = string.Join("  ", new[]
        {
            value.Epochs == 0 ? "" : FormattableString.Invariant($"epoch {value.Epoch}/{value.Epochs}"), accuracy, pace.Words,
            pace.Left(value.Steps - value.Step) is { Length: > 0 } left ? $"{left} left" : "",
        }.Where(word => word.Length > 0));
    }

    void End(TrainingProgress value, ProgressTask task, ValidationScore score, TimeSpan took)
    {
        if (task.IsFinished) return;
        task.Value = value.Steps;
        task.StopTask();
        var figures = FormattableString.Invariant($"  validation {score}, {StepRate.Written(took)}");
        Above(console, $"[green]✓[/] {Markup.Escape(value.Part)}[grey]{figures}[/]", value.Part.Length + figures.Length + 2);
    }

    // a line that stays, in the place of the first bar: with blanks over what is left of that
    static void Above(IAnsiConsole console, string markup, int length) =>
        console.MarkupLine(markup + new string(' ', Math.Max(console.Profile.Width - length - 1, 0)));

    /// <summary>Epoch, accuracy, rate and time left.</summary>
    sealed class Words : ProgressColumn
    {
        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(task.Tag as string ?? "", new(Color.Grey)).Overflow(Overflow.Ellipsis);
    }
}
