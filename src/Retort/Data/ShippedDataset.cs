namespace Retort.Data;

/// <summary>A dataset that comes with Retort.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Summary">What it is, in a few words.</param>
/// <param name="Format">The name of its reader in a recipe.</param>
/// <param name="Licence">The publisher's terms.</param>
/// <param name="Page">The publisher's page.</param>
/// <param name="Path">Its file or folder in <see cref="Datasets.ShippedFolder"/>.</param>
public sealed record ShippedDataset(
    string Name, string Summary, string Format, string Licence, string Page, string Path);
