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
    const int NarrowWidth = 90;                              // columns of a terminal below which bars are short
    const int NarrowBar = 4;
    const string All = "all";

    readonly Dictionary<string, Bar> _bars = [];
    readonly RunEstimate _run = new(clock);
    ProgressTask? _all;
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
        using var registration = token.Register(() => WriteLines(console, stopping));
        return console.Progress()
            .AutoClear(true)
            .HideCompleted(true)
            .ExcludeVerticalPadding()
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn { Width = console.Profile.Width < NarrowWidth ? NarrowBar : 24 },
                new TextColumn())
            .Start(context => work(new ProgressBars(console, context, clock)));
    }

    public void Report(TrainingProgress value)
    {
        lock (_lock)
        {
            if (value.Note is { } note)
            {
                WriteLines(console, note.OnOneLine());
                return;
            }
            _run.Update(value);
            if (value.Run is { } run) StartRun(run);
            if (_all is not null) _all.Tag = _run.Text;
            if (value.Run is not null) return;

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

    void StartRun(RunProgress run)
    {
        if (run.Networks < 2) return;

        _all ??= context.AddTask(All, maxValue: run.Networks);
        _all.Value = run.Done;
    }

    void Move(TrainingProgress value, Bar bar)
    {
        var isNarrow = console.Profile.Width < NarrowWidth;
        var left = bar.Rate.TimeFor(value.Steps - value.Step);
        string[] words =
        [
            value.Epochs == 0 ? "" : isNarrow ? Invariant($"{value.Epoch}/{value.Epochs}")
                : Invariant($"epoch {value.Epoch}/{value.Epochs}"),
            bar.Score,
            isNarrow ? "" : bar.Rate.Text,
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
        var name = value.Part.Shortened(console.Profile.Width - 3);
        var figures = $"  validation {score}, {NumberFormat.Duration(clock.GetElapsedTime(bar.Start))}"
            .Shortened(console.Profile.Width - name.Length - 3);
        var markup = $"[green]✓[/] {Markup.Escape(name)}[grey]{Markup.Escape(figures)}[/]";
        console.Write(new WholeLine(markup));
    }

    /// <summary>Writes a text in lines that the terminal does not wrap.</summary>
    static void WriteLines(IAnsiConsole console, string text)
    {
        foreach (var line in Wrapping.Lines(text, console.Profile.Width - 1))
            console.Write(new WholeLine(Markup.Escape(line)));
    }

    /// <summary>A line in the place of the first bar: it erases the rest of that bar.</summary>
    sealed class WholeLine(string markup) : IRenderable
    {
        const string EraseToEnd = "\u001b[K";

        readonly IRenderable _text = new Markup(markup);

        public Measurement Measure(RenderOptions options, int maxWidth) => _text.Measure(options, maxWidth);

        public IEnumerable<Segment> Render(RenderOptions options, int maxWidth) =>
            [.. _text.Render(options, maxWidth), Segment.Control(EraseToEnd), Segment.LineBreak];
    }

    /// <summary>Epoch, score, rate and time left.</summary>
    sealed class TextColumn : ProgressColumn
    {
        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(task.Tag as string ?? "", new(Color.Grey)).Overflow(Overflow.Ellipsis);
    }
}
