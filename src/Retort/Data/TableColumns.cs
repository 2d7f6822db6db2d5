namespace Retort.Data;

/// <summary>Which columns of one file are targets and which are features.</summary>
/// <param name="Width">The number of columns.</param>
/// <param name="Names">The columns' names; null where the file has none.</param>
/// <param name="Targets">The positions of the targets, in the order of the options.</param>
/// <param name="Features">The positions of the features, in the order that the network gets them.</param>
sealed record TableColumns(int Width, IReadOnlyList<string>? Names, int[] Targets, int[] Features)
{
    /// <summary>Whether the first line holds names.</summary>
    public bool HasHeader => Names is not null;

    /// <summary>The names of the features; null where the file has none.</summary>
    public IReadOnlyList<string>? FeatureNames => Names is null ? null : [.. Features.Select(column => Names[column])];

    /// <summary>A column as messages name it.</summary>
    public string Describe(int column) => Describe(column, Names?[column]);

    /// <inheritdoc cref="Describe(int)"/>
    public static string Describe(int column, string? name) =>
        Invariant($"column {column + 1}") + (name is null ? "" : $" ({TableNumber.Shorten(name)})");

    /// <summary>A target's name in reports.</summary>
    public string TargetName(int column) => Names?[column] ?? Invariant($"column {column + 1}");
}
