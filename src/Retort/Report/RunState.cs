namespace Retort.Report;

/// <summary>Whether a process is at work in a run's folder.</summary>
static class RunState
{
    const int MaxBytes = 1000;

    /// <summary>Whether the lock of the run or of one of its networks is held.</summary>
    public static bool IsRunning(string run) => IsHeld(run) || ListedFolder.Networks(run).Any(IsHeld);

    // a lock that is held has text and cannot be opened; a process that was killed left the text alone
    static bool IsHeld(string folder)
    {
        if (ListedFolder.File(folder, "lock") is not { } path) return false;

        try
        {
            if (new FileInfo(path).Length == 0) return false;

            using var file = InputFile.Open(path, MaxBytes);
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (Exception error) when (error is InvalidDataException or UnauthorizedAccessException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
