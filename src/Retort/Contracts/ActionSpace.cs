using System.Text.Json.Serialization;

namespace Retort.Contracts;

/// <summary>The actions of an environment: numbers between bounds, or one of several.</summary>
public sealed record ActionSpace
{
    /// <summary>The names of an action's numbers; of discrete actions the names of the actions.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>The least value of each number; null for discrete actions.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<double>? Low { get; init; }

    /// <summary>The greatest value of each number; null for discrete actions.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<double>? High { get; init; }

    /// <summary>Whether an action is numbers between bounds.</summary>
    [JsonIgnore]
    public bool IsContinuous => Low is not null;

    /// <summary>How many numbers a policy computes: one for each of an action's, or one for each action.</summary>
    [JsonIgnore]
    public int Width => Names.Count;

    /// <summary>How many numbers <see cref="ControlEnvironment.Step"/> takes: an index of discrete actions.</summary>
    [JsonIgnore]
    public int StepWidth => IsContinuous ? Names.Count : 1;

    /// <summary>Numbers with the same bounds.</summary>
    public static ActionSpace Box(double low, double high, params IReadOnlyList<string> names) => new()
    {
        Names = names,
        Low = [.. names.Select(_ => low)],
        High = [.. names.Select(_ => high)],
    };

    /// <summary>One of these actions.</summary>
    public static ActionSpace Discrete(params IReadOnlyList<string> names) => new() { Names = names };

    /// <summary>The action of one row of a policy's output: the numbers, or the index of the largest.</summary>
    /// <param name="output">One row. [A]</param>
    /// <param name="into">The action. [<see cref="StepWidth"/>]</param>
    public void FromOutput(ReadOnlySpan<float> output, Span<double> into)
    {
        if (IsContinuous)
        {
            for (var i = 0; i < into.Length; i++) into[i] = output[i];
            return;
        }
        var best = 0;
        for (var i = 1; i < output.Length; i++)
            if (output[i] > output[best]) best = i;
        into[0] = best;
    }
}
