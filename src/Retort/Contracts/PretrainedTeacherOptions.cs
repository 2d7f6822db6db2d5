namespace Retort.Contracts;

/// <summary>The options of a teacher that exists already: a file, a service, or several of them together.</summary>
public abstract record PretrainedTeacherOptions : TeacherOptions
{
    /// <summary>How the teacher's own inputs were normalized; null: as the recipe's data.</summary>
    public Normalization? Normalization { get; init; }

    /// <summary>Opens the teacher; a file or service that cannot be used is refused in one sentence.</summary>
    public abstract ITeacher Open(DatasetInfo data, torch.Device device);

    /// <summary>Opens a teacher that may have to be waited for; a cancelled token ends the wait.</summary>
    public virtual ITeacher Open(DatasetInfo data, torch.Device device, CancellationToken token) => Open(data, device);
}
