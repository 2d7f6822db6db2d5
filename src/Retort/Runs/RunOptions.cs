using System.Diagnostics;

namespace Retort.Runs;

/// <summary>Options of a run that are not in its recipe: folder, device, threads, and whether to resume.</summary>
public sealed record RunOptions
{
    /// <summary>The run's folder; unset: <c>runs/</c> and the recipe's name.</summary>
    public string? Folder { get; init; }

    /// <summary>Whether to continue an unfinished run in the folder; where there is none, one is begun.</summary>
    public bool Resume { get; init; }

    /// <summary>Threads of each control and student, in place of the recipe's; 0: all.</summary>
    [NotNegative] public int? Threads { get; init; }

    /// <summary>Networks trained side by side; unset: as many as the cores allow. 1: all in this process.</summary>
    [AtLeast(1)] public int? Jobs { get; init; }

    /// <summary><c>cpu</c> or <c>cuda</c>.</summary>
    public string Device
    {
        get;
        init => field = value is "cpu" or "cuda" ? value
            : throw new ArgumentException($"The device must be cpu or cuda; it is {value}.", nameof(Device));
    } = "cpu";

    /// <summary>
    /// The command that starts this run, without <c>--out</c> and <c>--resume</c>: messages say how to continue it.
    /// Unset: <c>retort run</c> and the recipe's name.
    /// </summary>
    public string? Command { get; init; }

    /// <summary>
    /// The assemblies that were loaded for this run: SHA-256 of each file by its name. A run is continued with the same
    /// files only. Null for none.
    /// </summary>
    public IReadOnlyDictionary<string, string>? Extensions { get; init; }

    /// <summary>
    /// Makes the command of a child process from the run's folder. The child must call
    /// <see cref="RecipeRunner.RunAsChild"/> with the names of jobs from its input. Unset: no children, one job after
    /// another in this process.
    /// </summary>
    public Func<string, ProcessStartInfo>? Child { get; init; }

    /// <summary>The number of cores that the jobs share.</summary>
    [AtLeast(1)] public int Cores { get; init; } = Environment.ProcessorCount;

    /// <summary>Times epochs, checkpoints and latencies.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
