using TorchSharp;

namespace Retort.Teachers;

/// <summary>Options of a teacher in a TorchScript file, scripted or traced.</summary>
public sealed record TorchScriptTeacherOptions : PretrainedTeacherOptions
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
    public IReadOnlyList<string> Outputs
    {
        get;
        init
        {
            Check(value);
            field = value;
        }
    } = [Output.Logits.Name];

    /// <summary>The order of an image's numbers that the program expects.</summary>
    public ImageLayout Layout { get; init; }

    public override ITeacher Open(DatasetInfo data, torch.Device device) => new TorchScriptTeacher(this, data, device);

    static void Check(IReadOnlyList<string> names)
    {
        var known = Output.All.Select(key => key.Name).Append(Other).ToList();
        foreach (var name in names) Require.That(known.Contains(name),
            $"Outputs must be of {string.Join(", ", known)}; one is \"{name}\".", nameof(Outputs));
        var single = Output.All.Where(key => !key.PerLayer).Select(key => key.Name);
        foreach (var name in single) Require.That(names.Count(other => other == name) <= 1,
            $"Outputs must have \"{name}\" at most once.", nameof(Outputs));
        Require.That(names.Any(name => name != Other),
            "Outputs must have at least one output that is used; it has none.", nameof(Outputs));
    }
}
