namespace Retort.Export;

/// <summary>What to export of a run, and where to.</summary>
public sealed record ExportOptions
{
    /// <summary>
    /// The network: <c>teacher</c>, <c>control-seed1</c>, <c>student-seed1</c>, …; null: the student that is best on
    /// validation.
    /// </summary>
    public string? Network { get; init; }

    /// <summary>
    /// The folder to write, which must not exist; null: <c>export</c> and the network's name in the run's folder.
    /// </summary>
    public string? Folder { get; init; }

    /// <summary>Outputs of the graph beside the one that the task scores: embedding, hidden states, …</summary>
    public OutputSet Outputs { get; init; }

    /// <summary>Also writes <c>model.int8.onnx</c>.</summary>
    public bool IncludeInt8 { get; init; }

    /// <summary>Also writes <c>model.float16.onnx</c>.</summary>
    public bool IncludeFloat16 { get; init; }

    /// <summary>
    /// Divides the logits by the temperature of the lowest NLL on validation, inside the graph: confidence comes nearer
    /// to accuracy, and the likeliest class stays the same.
    /// </summary>
    public bool ScalesTemperature { get; init; }

    /// <summary>Times the graphs.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}

/// <summary>What an export wrote.</summary>
/// <param name="Folder">The student's folder.</param>
/// <param name="Network">The network of the run.</param>
/// <param name="Inputs">How many examples the graph and the network were compared on.</param>
/// <param name="WorstError">The largest difference of an output's number, in units of max(1, |number|).</param>
/// <param name="Score">The score of the graphs: the task's primary one.</param>
/// <param name="Variants">The graphs, float32 first.</param>
/// <param name="LeftOut">A sentence for each smaller graph that is of no use: which and why.</param>
/// <param name="Temperature">What the graphs divide the logits by; null where they do not.</param>
public sealed record ExportResult(string Folder, string Network, int Inputs, double WorstError, Score Score,
    IReadOnlyList<Variant> Variants, IReadOnlyList<string> LeftOut, double? Temperature = null);
