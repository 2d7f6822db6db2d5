using System.Text.Json.Nodes;

namespace Retort.Runs;

/// <summary>One combination of a search: values of options, as they are put into the recipe.</summary>
/// <param name="Number">Its number, from 1, in the order of the plan.</param>
/// <param name="Settings">Options by path, and their values.</param>
sealed record Trial(int Number, IReadOnlyList<KeyValuePair<string, JsonNode>> Settings);
