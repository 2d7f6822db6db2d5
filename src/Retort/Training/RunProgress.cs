namespace Retort.Training;

/// <summary>How far a whole run is.</summary>
/// <param name="Done">Trainings that are done.</param>
/// <param name="Networks">Trainings in all: one a network; of a search, one for each rung of a trial.</param>
/// <param name="Open">
/// Trainings that are not done, by kind: <c>teacher</c>, <c>control</c>, <c>student</c>, <c>search/student</c>, ….
/// </param>
public sealed record RunProgress(int Done, int Networks, IReadOnlyDictionary<string, int> Open)
{
    /// <summary>The kind of a network: the beginning of its <see cref="TrainingProgress.Part"/>.</summary>
    public static string KindOf(string network) => network.Split('-')[0];
}
