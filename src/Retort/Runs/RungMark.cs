using Retort.Recipes;
using System.Text.Json;
using Retort.Tensors.Files;
using Retort.Training;

namespace Retort.Runs;

/// <summary><c>rung-003.json</c>: what one run of a trial came to by the end of a rung on validation: its best epoch so far, or where the last weights are kept its last.</summary>
/// <param name="Accuracy">A fraction; 0 where the loss stopped being a number.</param>
/// <param name="Nll">Nats; null there.</param>
/// <param name="Steps">Taken for it since the rung before, or since the process that ended it began.</param>
sealed record RungMark(double Accuracy, double? Nll, long Steps)
{
    /// <summary>Of a run whose <c>metrics.jsonl</c> is in this folder.</summary>
    /// <param name="folder">The run's.</param>
    /// <param name="epochs">Later ones do not count.</param>
    /// <param name="keep">Which of its weights would be reported.</param>
    /// <param name="steps">Taken for it.</param>
    public static RungMark Of(string folder, int epochs, SelectedWeights keep, long steps)
    {
        var lines = MetricsLog.Read(Path.Combine(folder, "metrics.jsonl")).Where(line => line.Epoch <= epochs).ToList();
        var kept = keep == SelectedWeights.Last ? lines[^1] : lines.OrderByDescending(line => line.Accuracy).ThenBy(line => line.Nll).First();
        return new(kept.Accuracy, kept.Nll, steps);
    }

    /// <summary>Of a run that came to no end.</summary>
    public static RungMark Diverged { get; } = new(0, null, 0);

    public void Write(string path) => AtomicFile.Write(path, JsonSerializer.Serialize(this, Json.Indented) + "\n");
}
