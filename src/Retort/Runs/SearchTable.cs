using Retort.Training;
using Retort.Recipes;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Retort.Runs;

/// <summary><c>search.json</c>: what a search tried and found, on validation alone.</summary>
/// <param name="Seeds">Of each trial's runs; none of them is reported.</param>
/// <param name="Rungs">Epochs after which the trials were compared.</param>
/// <param name="Student">The student's search.</param>
/// <param name="Control">The control's, over the options of its training; null where none of them was searched over.</param>
public sealed record SearchTable(IReadOnlyList<int> Seeds, IReadOnlyList<int> Rungs, SearchedSide Student, SearchedSide? Control);

/// <summary>The search of one side.</summary>
/// <param name="Trials">In the order of the plan.</param>
/// <param name="Chosen">The number of the best: highest mean accuracy after the last rung, of equals the lower mean NLL, then the lower number.</param>
public sealed record SearchedSide(IReadOnlyList<SearchedTrial> Trials, int Chosen)
{
    /// <summary>The trial chosen.</summary>
    [JsonIgnore]
    public SearchedTrial Best => Trials[Chosen - 1];
}

/// <summary>One combination and how it fared.</summary>
/// <param name="Number">From 1 on.</param>
/// <param name="Settings">Values by the options' paths.</param>
/// <param name="Scores">One a rung that it took part in.</param>
public sealed record SearchedTrial(int Number, IReadOnlyDictionary<string, JsonNode> Settings, IReadOnlyList<RungScore> Scores)
{
    /// <summary>An option's value for a reader: <c>0.05</c>, <c>kd (temperature 2)</c>, <c>crop (pad 1), flip</c>, <c>none</c>.</summary>
    public string Said(string option) => Said(Settings[option]);

    static string Said(JsonNode? value) => value switch
    {
        JsonArray { Count: 0 } => "none",
        JsonArray list => string.Join(", ", list.Select(Said)),
        JsonObject part when part["name"] is { } name => name + (part.Count == 1 ? "" : $" ({Options(part)})"),
        JsonObject part => Options(part),
        _ => value?.ToString() ?? "none",
    };

    static string Options(JsonObject part) => string.Join(", ", part.Where(one => one.Key != "name").Select(one => $"{one.Key} {Said(one.Value)}"));
}

/// <summary>What a trial came to by the end of a rung: best so far on validation, mean over seeds.</summary>
/// <param name="Epochs">Trained by then, since its beginning.</param>
/// <param name="Score">The task's primary score; null where the loss of a run stopped being finite.</param>
/// <param name="TieBreaker">The task's tie-breaker; null where it has none.</param>
public sealed record RungScore(int Epochs, double? Score, double? TieBreaker);
