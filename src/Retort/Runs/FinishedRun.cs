namespace Retort.Runs;

/// <summary>A run whose jobs are done. This process still holds its folder, for the report.</summary>
/// <param name="Folder">The run's folder.</param>
/// <param name="Data">The recipe's data.</param>
/// <param name="Held">The folder's lock.</param>
public sealed record FinishedRun(string Folder, Dataset Data, IDisposable Held) : IDisposable
{
    public void Dispose() => Held.Dispose();
}
