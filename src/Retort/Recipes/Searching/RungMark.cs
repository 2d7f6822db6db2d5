using System.Text.Json;
using Retort.Tensors.Files;
using Retort.Training;

namespace Retort.Recipes.Searching;

/// <summary><c>rung-003.json</c>: what one run of a trial came to by the end of a rung; its best epoch so far on validation.</summary>
/// <param name="Accuracy">A fraction; 0 where the loss stopped being a number.</param>
/// <param name="Nll">Nats; null there.</param>
/// <param name="Steps">Taken for it since the rung before, or since the process that ended it began.</param>
sealed record RungMark(double Accuracy, double? Nll, long Steps)
{
    /// <summary>Of a run whose <c>metrics.jsonl</c> is in this folder.</summary>
    /// <param name="folder">The run's.</param>
    /// <param name="epochs">Later ones do not count.</param>
    /// <param name="steps">Taken for it.</param>
    public static RungMark Of(string folder, int epochs, long steps)
    {
        var best = RunLog.Read(Path.Combine(folder, "metrics.jsonl"))
            .Where(line => line.Epoch <= epochs)
            .OrderByDescending(line => line.Accuracy).ThenBy(line => line.Nll).First();
        return new(best.Accuracy, best.Nll, steps);
    }

    /// <summary>Of a run that came to no end.</summary>
    public static RungMark Diverged { get; } = new(0, null, 0);

    public void Write(string path) => WholeFile.Write(path, JsonSerializer.Serialize(this, RunJson.Indented) + "\n");
}
