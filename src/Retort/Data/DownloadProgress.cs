namespace Retort.Data;

/// <summary>The progress of a download.</summary>
/// <param name="File">The file that is being downloaded.</param>
/// <param name="Done">Its bytes on disk.</param>
/// <param name="Total">All its bytes; approximate until the server states them.</param>
public readonly record struct DownloadProgress(string File, long Done, long Total);
