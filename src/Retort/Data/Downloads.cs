namespace Retort.Data;

/// <summary>A set that its publisher offers for download.</summary>
public sealed record PublishedData(string Name);

/// <summary>Data sets as their publishers offer them.</summary>
public static class Downloads
{
    /// <summary>The sets that can be named.</summary>
    public static IReadOnlyList<PublishedData> Known { get; } = [new("fashion-mnist"), new("mnist"), new("cifar-10"), new("cifar-100")];
}
