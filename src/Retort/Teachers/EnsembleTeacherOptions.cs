namespace Retort.Teachers;

/// <summary>Options of several teachers as one.</summary>
public sealed record EnsembleTeacherOptions : PretrainedTeacherOptions, IValidated
{
    /// <summary>The teachers, each of which exists already.</summary>
    [NotEmpty("teacher")]
    public required IReadOnlyList<TeacherOptions> Members { get; init; }

    public OptionError? Validate() => Members.All(member => member is PretrainedTeacherOptions) ? null
        : new(nameof(Members),
            "must be teachers that exist already, such as files; one of them would be trained first.");

    public override ITeacher Open(DatasetInfo data, torch.Device device) => Open(data, device, CancellationToken.None);

    public override ITeacher Open(DatasetInfo data, torch.Device device, CancellationToken token)
    {
        OptionRules.Check(this);
        if (Normalization is not null) throw new InvalidOperationException(
            "An ensemble is fed nothing itself: give the normalization to the members that need one.");
        var members = new List<ITeacher>();
        try
        {
            foreach (var member in Members.Cast<PretrainedTeacherOptions>())
                members.Add(member.Open(data, device, token));
            return new EnsembleTeacher(members);
        }
        catch
        {
            foreach (var member in members) member.Dispose();
            throw;
        }
    }
}
