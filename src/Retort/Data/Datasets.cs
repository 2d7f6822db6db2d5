namespace Retort.Data;

/// <summary>The datasets on this machine: small ones shipped with Retort, and downloads in the user's cache.</summary>
public static class Datasets
{
    /// <summary>The datasets that Retort comes with.</summary>
    public static IReadOnlyList<ShippedDataset> Shipped { get; } =
    [
        new(
            "digits",
            "1,797 grey images of handwritten digits, 8 × 8, 10 classes",
            "csv",
            "CC BY 4.0",
            "https://doi.org/10.24432/C50P49",
            "digits/digits.csv.gz"),
        new(
            "fashion-mnist-12k",
            "12,000 images of Fashion-MNIST, as many of each class",
            "idx",
            "MIT",
            "https://github.com/zalandoresearch/fashion-mnist",
            "fashion-mnist-12k"),
        new(
            "wordnet-nouns-12k",
            "12,000 definitions of nouns from WordNet, 10 classes, as many of each",
            "text",
            "WordNet 3.0",
            "https://wordnet.princeton.edu",
            "wordnet-nouns-12k"),
    ];

    /// <summary>The nearest folder <c>data</c> above the program that has the shipped datasets; null if none.</summary>
    public static string? ShippedFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var data = Path.Combine(folder.FullName, "data");
            if (Directory.Exists(Path.Combine(data, Shipped[^1].Path))) return data;
        }
        return null;
    }

    /// <summary>The bytes of a file, or of all files in a folder; 0 where nothing exists.</summary>
    public static long SizeInBytes(string path) => File.Exists(path) ? new FileInfo(path).Length
        : Directory.Exists(path) ? new DirectoryInfo(path).EnumerateFiles().Sum(file => file.Length)
        : 0;

    /// <summary>
    /// Whether a folder has every file of a dataset. A file gets its name only after its digest was checked.
    /// </summary>
    public static bool IsComplete(PublishedDataset set, string folder) =>
        set.Files.All(file => File.Exists(Path.Combine(folder, file.Name)));
}
