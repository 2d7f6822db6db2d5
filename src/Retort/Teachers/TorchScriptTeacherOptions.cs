using TorchSharp;

namespace Retort.Teachers;

/// <summary>Options of a teacher in a TorchScript file, scripted or traced.</summary>
public sealed record TorchScriptTeacherOptions : PretrainedTeacherOptions, IValidated
{
    /// <summary>The name of a returned tensor that is not used.</summary>
    internal const string Other = "other";

    /// <summary>The file.</summary>
    [RecipePath]
    public required string Path { get; init; }

    /// <summary>
    /// What the program returns, in order, tuples and lists in it taken apart: <c>logits</c>, <c>embedding</c>,
    /// <c>hidden_states</c> and <c>attentions</c> (once a layer), <c>token_embeddings</c>, or <c>other</c> for a tensor
    /// that is not used.
    /// </summary>
    public IReadOnlyList<string> Outputs { get; init; } = [Output.Logits.Name];

    /// <summary>The order of an image's numbers that the program expects.</summary>
    public ImageLayout Layout { get; init; }

    public override ITeacher Open(DatasetInfo data, torch.Device device) =>
        new TorchScriptTeacher(OptionRules.Check(this), data, device);

    /// <inheritdoc/>
    public OptionError? Validate()
    {
        var known = Output.All.Select(key => key.Name).Append(Other).ToList();
        if (Outputs.FirstOrDefault(name => !known.Contains(name)) is { } unknown)
            return new(nameof(Outputs), $"must be of {string.Join(", ", known)}; one is \"{unknown}\".");
        var twice = Output.All.FirstOrDefault(key => !key.PerLayer && Outputs.Count(name => name == key.Name) > 1);
        if (twice is not null) return new(nameof(Outputs), $"must have \"{twice}\" at most once.");
        return Outputs.Any(name => name != Other) ? null
            : new(nameof(Outputs), "must have at least one output that is used; it has none.");
    }
}
