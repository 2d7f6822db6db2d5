namespace Retort.Training;

/// <summary>
/// Writes progress as lines of text: one at the end of each epoch of each network, and each note. A program that wants
/// to see a run on its console passes <c>new ProgressWriter(Console.Out)</c>.
/// </summary>
/// <param name="output">Where the lines go; one is written at a time.</param>
public sealed class ProgressWriter(TextWriter output) : IProgress<TrainingProgress>
{
    readonly Lock _lock = new();

    public void Report(TrainingProgress value)
    {
        var line = value.Note ?? (value.Score is null ? null : Invariant(
            $"{value.Part}  epoch {value.Epoch}/{value.Epochs}  loss {value.Loss:0.0000}  validation {value.Score}"));
        if (line is null) return;

        lock (_lock) output.WriteLine(line);
    }
}
