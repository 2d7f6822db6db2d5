using System.Text.Json.Serialization;

namespace Retort.Contracts;

/// <summary>A score that a task computes from predictions.</summary>
/// <param name="Name">Its key in <c>results.json</c>: <c>macro_f1</c>.</param>
/// <param name="Title">Its name in tables and sentences: macro F1.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="HigherIsBetter">Whether more is better.</param>
public sealed record Score(string Name, string Title, ScoreUnit Unit, bool HigherIsBetter = true)
{
    /// <summary>What it measures, for a reader who does not know it; empty where the title says it.</summary>
    [JsonIgnore]
    public string Meaning { get; init; } = "";

    /// <summary>Whether one value is better than another.</summary>
    public bool IsBetter(double value, double than) => HigherIsBetter ? value > than : value < than;

    /// <summary>The value such that more is better, for sorting.</summary>
    public double Rank(double value) => HigherIsBetter ? value : -value;
}
