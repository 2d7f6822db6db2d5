using System.Text.Json;
using System.Text.Json.Serialization;
using Retort.Tensors.Files;

namespace Retort.Runs;

/// <summary>
/// <c>terms.json</c>: the terms of a method's loss on validation with the selected weights, by name: weighted as in
/// training, the mean over the examples.
/// </summary>
sealed record ValidationTerms
{
    /// <summary>Its file in the student's folder.</summary>
    public const string FileName = "terms.json";

    /// <summary>Those of the student; null where they were not computed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, double>? Student { get; init; }

    /// <summary>Those of the control of the same seed; null where there is none to compare with.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, double>? Control { get; init; }

    /// <summary>Why they were not computed, a sentence; null where they were.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? LeftOut { get; init; }

    /// <summary>Writes the file; it is complete or not there.</summary>
    public void Write(string folder) => AtomicFile.Write(
        Path.Combine(folder, FileName), JsonSerializer.Serialize(this, Json.Indented) + "\n");
}
