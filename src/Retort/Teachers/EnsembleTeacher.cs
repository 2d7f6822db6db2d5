using System.Security.Cryptography;
using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Teachers;

/// <summary>Options of several teachers that answer as one.</summary>
public sealed record EnsembleTeacherOptions : PretrainedTeacherOptions, IValidated
{
    /// <summary>The teachers, each one that is there already.</summary>
    [NotEmpty("teacher")] public required IReadOnlyList<TeacherOptions> Members { get; init; }

    /// <inheritdoc/>
    public OptionError? Validate() => Members.All(member => member is PretrainedTeacherOptions) ? null
        : new(nameof(Members),
            "must be teachers that are there already, such as files; one of them would have to be trained first.");

    public override ITeacher Open(DatasetInfo facts, Device device) => Open(facts, device, CancellationToken.None);

    public override ITeacher Open(DatasetInfo facts, Device device, CancellationToken token)
    {
        OptionRules.Check(this);
        if (Normalization is not null) throw new InvalidOperationException(
            "An ensemble is fed nothing itself: give the normalization to the members that need one.");
        var opened = new List<ITeacher>();
        try
        {
            foreach (var member in Members.Cast<PretrainedTeacherOptions>()) opened.Add(member.Open(facts, device, token));
            return new EnsembleTeacher(opened);
        }
        catch
        {
            foreach (var member in opened) member.Dispose();
            throw;
        }
    }
}

/// <summary>
/// The log of the members' mean probability at temperature 1; only then is it tempered, by the method. It owns its members.
/// </summary>
/// <remarks>
/// Stanton et al., Does Knowledge Distillation Really Work?, arXiv:2106.05945: components are averaged as probabilities,
/// not as logits.
/// </remarks>
public sealed class EnsembleTeacher(IReadOnlyList<ITeacher> members) : ITeacher
{
    /// <summary>The teachers.</summary>
    public IReadOnlyList<ITeacher> Members => members;

    public OutputSet AvailableOutputs => Output.Logits;

    public Outputs Forward(Batch batch, OutputSet wanted)
    {
        if (wanted.Except(AvailableOutputs) is { IsEmpty: false } missing) throw new InvalidOperationException(
            $"An ensemble has logits alone; {missing} of one member would be no answer of all.");
        if (wanted == OutputSet.None) return new();
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var answers = members.Select(member => member.Forward(batch, Output.Logits).Logits.AtLeastFloat32().LogSoftmax()).ToList();
        Shape.Check([.. answers.Select((answer, i) => (answer, "B C", $"member {i + 1}'s logits"))]);
        return new() { Logits = scope.MoveToOuter(stack(answers, 0).LogMeanProbability()) };          // [M, B, C] → [B, C]
    }

    public string Fingerprint() => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', members.Select(member => member.Fingerprint())))));

    public void Dispose()
    {
        foreach (var member in members) member.Dispose();
    }
}
