using Retort.Training;

namespace Retort.Cli.Display;

/// <summary>Progress as plain lines, for files and pipes: one an epoch, fewer where epochs are short, more where they are long.</summary>
sealed class ProgressLines(TextWriter output, TimeProvider clock) : IProgress<TrainingProgress>
{
    static readonly TimeSpan Least = TimeSpan.FromSeconds(2);
    static readonly TimeSpan Most = TimeSpan.FromSeconds(15);
    readonly Dictionary<string, (StepRate Pace, long Said)> _parts = [];
    readonly Lock _one = new();

    public void Report(TrainingProgress value)
    {
        lock (_one)
        {
            if (!_parts.TryGetValue(value.Part, out var part)) _parts[value.Part] = part = (new(clock), clock.GetTimestamp());
            part.Pace.Heard(value.Step);
            if (value.Note is { } note) output.WriteLine(note);
            if (value.Note is not null) return;
            var quiet = clock.GetElapsedTime(part.Said);
            var ends = value.Step == value.Steps && (value.Score is not null || double.IsNaN(value.Loss));
            if (!ends && quiet < (value.Score is null ? Most : Least)) return;
            _parts[value.Part] = part with { Said = clock.GetTimestamp() };
            output.WriteLine(Line(value, part.Pace));
        }
    }

    static string Line(TrainingProgress value, StepRate pace)
    {
        var place = value.Score is { } score
            ? FormattableString.Invariant($"epoch {value.Epoch}/{value.Epochs}  loss {value.Loss:0.0000}  validation {score}")
            : double.IsNaN(value.Loss) ? FormattableString.Invariant($"{value.Step}/{value.Steps} answers")
            : FormattableString.Invariant($"step {value.Step}/{value.Steps}  loss {value.Loss:0.0000}");
        var left = value.Step < value.Steps && pace.Left(value.Steps - value.Step) is { Length: > 0 } time ? $"{time} left" : "";
        var rate = double.IsNaN(value.Loss) ? pace.Words.Replace("steps", "answers", StringComparison.Ordinal) : pace.Words;
        return string.Join("  ", new[] { value.Part, place, rate, left }.Where(word => word.Length > 0));
    }
}
