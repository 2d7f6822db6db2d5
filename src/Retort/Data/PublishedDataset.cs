namespace Retort.Data;

/// <summary>A dataset that its publisher offers for download.</summary>
public sealed record PublishedDataset
{
    /// <summary>Its name on the command line and in the cache.</summary>
    public required string Name { get; init; }

    /// <summary>What it is, in a few words.</summary>
    public required string Summary { get; init; }

    /// <summary>The name of its reader in a recipe.</summary>
    public required string Format { get; init; }

    /// <summary>The publisher's terms.</summary>
    public required string Licence { get; init; }

    /// <summary>The publisher's page.</summary>
    public required string Page { get; init; }

    /// <summary>Who publishes the digests.</summary>
    public required string DigestSource { get; init; }

    /// <summary>The address of the files' folder, with a slash at its end. A mirror can be used instead.</summary>
    public required Uri BaseAddress { get; init; }

    /// <summary>The files, all of which are needed.</summary>
    public required IReadOnlyList<PublishedFile> Files { get; init; }

    /// <summary>Class names where the files have none. They are written to <c>classes.txt</c>.</summary>
    public IReadOnlyList<string> Classes { get; init; } = [];
}
