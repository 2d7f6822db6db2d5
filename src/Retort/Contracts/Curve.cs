using System.Text.Json.Serialization;

namespace Retort.Contracts;

/// <summary>A value that a procedure measured from time to time: a chart of the report.</summary>
/// <param name="Name">What it is, as a chart's caption begins: <c>Mean help</c>.</param>
/// <param name="Epochs">When it was measured, in epochs of the student, rising.</param>
/// <param name="Values">The values, one for each of <paramref name="Epochs"/>.</param>
public sealed record Curve(string Name, IReadOnlyList<double> Epochs, IReadOnlyList<double> Values)
{
    /// <summary>What <see cref="Epochs"/> counts instead of epochs: <c>steps</c>; null for epochs.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Axis { get; init; }
}
