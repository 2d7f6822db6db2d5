using System.Text.Json.Nodes;

namespace Retort.Runs;

/// <summary>One trial of a search and its scores.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Settings">Values by the options' paths.</param>
/// <param name="Scores">A score for each rung that it was selected for.</param>
public sealed record SearchedTrial(
    int Number, IReadOnlyDictionary<string, JsonNode> Settings, IReadOnlyList<RungScore> Scores)
{
    /// <summary>
    /// An option's value as text: <c>0.05</c>, <c>kd (temperature 2)</c>, <c>crop (pad 1), flip</c>, <c>none</c>.
    /// </summary>
    public string TextOf(string option) => Text(Settings[option]).OnOneLine();

    static string Text(JsonNode? value) => value switch
    {
        JsonArray { Count: 0 } => "none",
        JsonArray list => string.Join(", ", list.Select(Text)),
        JsonObject part when part["name"] is { } name => name + (part.Count == 1 ? "" : $" ({Options(part)})"),
        JsonObject part => Options(part),
        _ => value?.ToString() ?? "none",
    };

    static string Options(JsonObject part) => string.Join(", ",
        part.Where(option => option.Key != "name").Select(option => $"{option.Key} {Text(option.Value)}"));
}
