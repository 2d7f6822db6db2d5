using System.Text;
using Retort.Tensors.Files;
using static TorchSharp.torch;

namespace Retort.Teachers;

/// <summary>
/// Several teachers as one: its logits are the log of the members' mean probability at temperature 1. A method applies
/// its temperature afterwards. It owns its members.
/// </summary>
/// <remarks>
/// Stanton et al., Does Knowledge Distillation Really Work?, arXiv:2106.05945: components are averaged as
/// probabilities, not as logits.
/// </remarks>
public sealed class EnsembleTeacher(IReadOnlyList<ITeacher> members) : ITeacher
{
    /// <summary>The teachers.</summary>
    public IReadOnlyList<ITeacher> Members => members;

    public OutputSet AvailableOutputs => Output.Logits;

    public Outputs Forward(Batch batch, OutputSet wanted)
    {
        if (wanted.Except(AvailableOutputs) is { IsEmpty: false } missing) throw new InvalidOperationException(
            $"An ensemble has logits alone; {missing} of one member are not those of all.");
        if (wanted == OutputSet.None) return new();

        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var logs = members                                                                     // M of [B, C]
            .Select(member => member.Forward(batch, Output.Logits).Logits.AtLeastFloat32().LogSoftmax()).ToList();
        Shape.Check([.. logs.Select((log, i) => (log, "B C", $"member {i + 1}'s logits"))]);
        return new() { Logits = scope.MoveToOuter(stack(logs, 0).LogMeanProbability()) };      // [M, B, C] → [B, C]
    }

    public string Fingerprint()
    {
        var all = string.Join('\n', members.Select(member => member.Fingerprint()));
        return FileHash.Sha256(Encoding.UTF8.GetBytes(all));
    }

    public void Dispose()
    {
        foreach (var member in members) member.Dispose();
    }
}
