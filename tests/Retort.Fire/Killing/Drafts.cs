namespace Retort.Fire;

/// <summary>Files as they are written: under a draft's name first.</summary>
static class Drafts
{
    /// <summary>Sees every draft below a folder as it is made; it is to be told to look.</summary>
    public static FileSystemWatcher In(string folder) => new(folder, "*.draft")
    {
        IncludeSubdirectories = true,
        InternalBufferSize = 65536,
        NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName,
    };

    /// <summary>What a draft is of: its name is <c>name.process.guid.draft</c>.</summary>
    public static string TargetOf(string draft) => string.Join('.', draft.Split('.')[..^3]);
}
