namespace Retort.Training;

/// <summary>A split for a teacher whose inputs differ from the student's: its inputs are the teacher's.</summary>
public sealed class TeacherSplit : IDataSplit
{
    readonly IDataSplit _split;

    TeacherSplit(IDataSplit split) => _split = split;

    public int Count => _split.Count;

    public DatasetInfo Info => _split.Info.ForTeacher;

    public int? Views => _split.Views;
    public int? LengthOf(int position) => _split.LengthOf(position);

    public string? TextOf(int position) => _split.TextOf(position);

    public long ViewSeed => _split.ViewSeed;

    /// <summary>
    /// The split with the teacher's inputs; the split itself where student and teacher have the same.
    /// </summary>
    public static IDataSplit Of(IDataSplit split) =>
        split.Info.TeacherInputs is null ? split : new TeacherSplit(split);

    public void Load(ReadOnlySpan<int> positions, View view, HostBatch into)
    {
        _split.Load(positions, view, into);
        into.UseTeacherInputs();
    }
}
