namespace Retort.Runs;

/// <summary>
/// A job with a folder of its own. Its lock is the folder's, and temporary files that a killed process left there are
/// removed.
/// </summary>
public abstract record NetworkFolderJob : Job;
