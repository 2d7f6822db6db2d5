namespace Retort.Data;

/// <summary>What data is at hand: small sets beside the program, downloads in the user's cache.</summary>
public static class DataSets
{
    /// <summary>The sets that Retort brings along.</summary>
    public static IReadOnlyList<ShippedData> Shipped { get; } =
    [
        new("digits", "1,797 grey pictures of handwritten digits, 8 × 8, 10 classes", "csv", "CC BY 4.0",
            "https://doi.org/10.24432/C50P49", "digits/digits.csv.gz"),
        new("fashion-mnist-12k", "12,000 pictures of Fashion-MNIST, as many of each class", "idx", "MIT",
            "https://github.com/zalandoresearch/fashion-mnist", "fashion-mnist-12k"),
    ];

    /// <summary>The nearest folder <c>data</c> above the program that has the shipped sets; null where there is none.</summary>
    public static string? ShippedFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Directory.Exists(Path.Combine(folder.FullName, "data", Shipped[^1].Path))) return Path.Combine(folder.FullName, "data");
        return null;
    }

    /// <summary>Bytes of a file or of all files in a folder; 0 where nothing is there.</summary>
    public static long BytesAt(string path) => File.Exists(path) ? new FileInfo(path).Length
        : Directory.Exists(path) ? new DirectoryInfo(path).EnumerateFiles().Sum(file => file.Length) : 0;

    /// <summary>Whether every file of a set is in this folder. Their digests were checked before they got their names.</summary>
    public static bool IsWhole(PublishedData set, string folder) => set.Files.All(file => File.Exists(Path.Combine(folder, file.Name)));
}

/// <summary>A set that comes with Retort.</summary>
public sealed record ShippedData(string Name, string Summary, string Reader, string Licence, string Page, string Path);
