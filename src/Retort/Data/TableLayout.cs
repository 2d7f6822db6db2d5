namespace Retort.Data;

/// <summary>What the options of a table say about its columns.</summary>
/// <param name="Path">The first table.</param>
/// <param name="Separator">The character between two columns.</param>
/// <param name="Targets">The columns of targets, by name or position.</param>
sealed record TableLayout(string Path, char Separator, IReadOnlyList<string> Targets)
{
    /// <summary>Whether the only target is a class.</summary>
    public bool HasClasses { get; init; }

    /// <summary>Whether the class is in the last column because the options name none.</summary>
    public bool IsLastByDefault { get; init; }

    /// <summary>The columns that are neither target nor feature, by name or position.</summary>
    public IReadOnlyList<string> Ignored { get; init; } = [];

    /// <summary>Whether the first line holds names; null: the line itself decides.</summary>
    public bool? Header { get; init; }

    /// <summary>How the features make an image; null where they do not.</summary>
    public PixelColumns? Pixels { get; init; }
}
