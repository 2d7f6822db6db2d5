using Retort.Training;
using Retort.Recipes;
using System.Diagnostics;

namespace Retort.Runs;

/// <summary>What a run is told beside its recipe: where, on what, and whether it goes on with an earlier one.</summary>
public sealed record RunOptions
{
    /// <summary>The run folder; none: <c>runs/</c> and the recipe's name.</summary>
    public string? Folder { get; init; }

    /// <summary>Whether to go on with an unfinished run in the folder; where there is none, one is begun.</summary>
    public bool Resume { get; init; }

    /// <summary>Threads of each control and student instead of the recipe's; 0: all.</summary>
    [NotNegative] public int? Threads { get; init; }

    /// <summary>Networks trained side by side; none: as many as the cores have room for. 1: all in this process.</summary>
    [AtLeast(1)] public int? Jobs { get; init; }

    /// <summary><c>cpu</c> or <c>cuda</c>.</summary>
    public string Device { get; init => field = value is "cpu" or "cuda" ? value
        : throw new ArgumentException($"The device must be cpu or cuda; it is {value}.", nameof(Device)); } = "cpu";

    /// <summary>
    /// What the user types to start this run, without <c>--out</c> and <c>--resume</c>: messages say how to go on with it.
    /// None: <c>retort run</c> and the recipe's name.
    /// </summary>
    public string? Command { get; init; }

    /// <summary>
    /// How a child process is started that carries out parts of a run: the folder in, program and arguments out. It must end
    /// in <see cref="RecipeRunner.RunAsChild"/>, with the parts' names from its input. None: no children, one network after another
    /// in this process.
    /// </summary>
    public Func<string, ProcessStartInfo>? Child { get; init; }

    /// <summary>Cores to be shared out.</summary>
    [AtLeast(1)] public int Cores { get; init; } = Environment.ProcessorCount;

    /// <summary>Times epochs, checkpoints and latency.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
