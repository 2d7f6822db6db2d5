using System.Text.Json;
using System.Text.Json.Serialization;
using Retort.Tensors.Files;

namespace Retort.Runs;

/// <summary>
/// <c>measurements.json</c>: what a procedure measured while it trained a student, for the report.
/// </summary>
sealed record Measurements
{
    /// <summary>Its file in the student's folder.</summary>
    public const string FileName = "measurements.json";

    /// <summary>Values over time; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<Curve>? Curves { get; init; }

    /// <summary>Training examples with the highest values; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RankedExamples? Examples { get; init; }

    /// <summary>Samples that it learned; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LearnedSamples? Learned { get; init; }

    /// <summary>Writes the file where the procedure measured something; it is complete or not there.</summary>
    public static void Write(string folder, ProcedureResult result)
    {
        if (result is { Curves: null, Examples: null, Learned: null }) return;

        var measurements = new Measurements
        {
            Curves = result.Curves, Examples = result.Examples, Learned = result.Learned,
        };
        AtomicFile.Write(
            Path.Combine(folder, FileName), JsonSerializer.Serialize(measurements, Json.Indented) + "\n");
    }
}
