namespace Retort.Training;

/// <summary>How far a whole run is.</summary>
/// <param name="Done">Networks that are trained.</param>
/// <param name="Networks">Networks to train in all; of a search, each rung of a trial.</param>
/// <param name="Open">
/// Networks that are not done, by kind: <c>teacher</c>, <c>control</c>, <c>student</c>, <c>search/student</c>, ….
/// </param>
public sealed record RunProgress(int Done, int Networks, IReadOnlyDictionary<string, int> Open)
{
    /// <summary>The kind of a network: the beginning of its <see cref="TrainingProgress.Part"/>.</summary>
    public static string KindOf(string network) => network.Split('-')[0];
}
