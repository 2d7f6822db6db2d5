using Retort.Training;
using static System.FormattableString;

namespace Retort.Cli.Display;

/// <summary>
/// Progress as plain lines, for files and pipes: one line per epoch, fewer if epochs are short, more if they are long.
/// </summary>
sealed class ProgressLines(TextWriter output, TimeProvider clock) : IProgress<TrainingProgress>
{
    static readonly TimeSpan MinInterval = TimeSpan.FromSeconds(2);
    static readonly TimeSpan MaxInterval = TimeSpan.FromSeconds(15);
    readonly Dictionary<string, (StepRate Rate, long LastLine)> _networks = [];
    readonly RunEstimate _run = new(clock);
    readonly Lock _lock = new();

    public void Report(TrainingProgress value)
    {
        lock (_lock)
        {
            _run.Update(value);
            if (value.Run is not null) return;

            if (!_networks.TryGetValue(value.Part, out var network))
                _networks[value.Part] = network = (new(clock), clock.GetTimestamp());
            network.Rate.Update(value.Step);
            if (value.Note is { } note)
            {
                output.WriteLine(note);
                return;
            }

            // without a loss it is no training, and its end comes without a score
            var isEnd = value.Step == value.Steps && (value.Score is not null || double.IsNaN(value.Loss));
            var interval = value.Score is null ? MaxInterval : MinInterval;
            if (!isEnd && clock.GetElapsedTime(network.LastLine) < interval) return;

            _networks[value.Part] = network with { LastLine = clock.GetTimestamp() };
            output.WriteLine(Line(value, network.Rate, _run.Text));
        }
    }

    static string Line(TrainingProgress value, StepRate rate, string run)
    {
        var isTraining = !double.IsNaN(value.Loss);
        var unit = isTraining ? "steps" : "predictions";
        var time = value.Step < value.Steps ? rate.TimeFor(value.Steps - value.Step) : "";
        string[] words =
        [
            value.Part,
            Position(value),
            rate.Text.Replace("steps", unit, StringComparison.Ordinal),
            time.Length > 0 ? $"{time} left" : "",
            run.Length > 0 ? $"({run})" : "",
        ];
        return string.Join("  ", words.Where(word => word.Length > 0));
    }

    static string Position(TrainingProgress value) => value.Score is { } score
        ? Invariant($"epoch {value.Epoch}/{value.Epochs}  loss {value.Loss:0.0000}  validation {score}")
        : double.IsNaN(value.Loss) ? Invariant($"{value.Step}/{value.Steps} predictions")
        : Invariant($"step {value.Step}/{value.Steps}  loss {value.Loss:0.0000}");
}
