using Retort.Contracts.Sections;

namespace Retort.Contracts;

/// <summary>What a task alone knows of a run, beyond its scores.</summary>
/// <param name="Record">The record that <c>results.json</c> has under <c>details</c>.</param>
/// <param name="Sections">The same for people.</param>
sealed record TaskDetails(object Record, IReadOnlyList<Section> Sections);
