using System.Text;
using Retort.Data.Images;
using static System.FormattableString;

namespace Retort.Data;

/// <summary>
/// Options of the binary format of CIFAR-10 (<c>data_batch_1.bin</c> … <c>test_batch.bin</c>, <c>batches.meta.txt</c>) and
/// CIFAR-100 (<c>train.bin</c>, <c>test.bin</c>, <c>fine_label_names.txt</c>; its fine labels are taken): the publisher's
/// archive as it came, a folder that holds it, or the unpacked folder.
/// </summary>
public sealed record CifarOptions : FileDataOptions
{
    protected internal override Examples Read() => new Cifar(Path, new(MemoryLimit)).Read();
}

/// <summary>Reads records of one or two label bytes and 3 × 32 × 32 pixels, red before green before blue.</summary>
sealed class Cifar(string path, MemoryLimit budget)
{
    const int Pixels = 3 * 32 * 32;
    static readonly string[] Archives = ["cifar-10-binary.tar.gz", "cifar-100-binary.tar.gz"];

    sealed record Records(List<byte[]> Pictures, List<int> Labels);

    public Examples Read()
    {
        var source = Source();
        var parts = new Dictionary<string, Records>();
        IReadOnlyList<string>? names = null;
        foreach (var entry in FileTree.Walk(source, budget))
        {
            var name = entry.Name[(entry.Name.LastIndexOf('/') + 1)..];
            if (entry.IsFolder) continue;
            if (name is "batches.meta.txt" or "fine_label_names.txt")
                names = ClassNames.Of(Encoding.UTF8.GetString(entry.Bytes()).Split('\n'), entry.Shown);
            else if (Format(name) is { } format && !parts.TryAdd(name, Taken(entry, format.Before, format.Classes)))
                throw new InvalidDataException($"{entry.Shown}: {name} is there twice.");
        }
        return Whole(source, parts, names);
    }

    ImageExamples Whole(string source, Dictionary<string, Records> parts, IReadOnlyList<string>? names)
    {
        var hundred = parts.ContainsKey("train.bin");
        string[] training = hundred ? ["train.bin"] : [.. Enumerable.Range(1, 5).Select(i => Invariant($"data_batch_{i}.bin"))];
        string[] due = [.. training, hundred ? "test.bin" : "test_batch.bin"];
        if (due.FirstOrDefault(name => !parts.ContainsKey(name)) is { } missing)
            throw new InvalidDataException(
                $"{source} has no {missing}; CIFAR-10 consists of data_batch_1.bin to data_batch_5.bin and test_batch.bin, "
                + "CIFAR-100 of train.bin and test.bin.");
        var classes = hundred ? 100 : 10;
        if (names is not null && names.Count != classes)
            throw new InvalidDataException(Invariant($"{source} names {names.Count} classes; {classes} are due."));
        return new(new(3, 32, 32), [.. due.SelectMany(name => parts[name].Pictures)])
        {
            Name = Folder.NameOf(path),
            Classes = names ?? ClassNames.Numbers(classes),
            Labels = [.. due.SelectMany(name => parts[name].Labels)],
            OwnTest = parts[due[^1]].Labels.Count,
        };
    }

    /// <summary>A folder may hold the archive as it was downloaded.</summary>
    string Source() => Archives.Select(name => Path.Combine(path, name)).FirstOrDefault(File.Exists) ?? path;

    /// <summary>Bytes before the label that counts, and how many classes there are; null for other files.</summary>
    static (int Before, int Classes)? Format(string name) => name switch
    {
        "train.bin" or "test.bin" => (1, 100),
        "test_batch.bin" => (0, 10),
        _ when name.StartsWith("data_batch_", StringComparison.Ordinal) && name.EndsWith(".bin", StringComparison.Ordinal) => (0, 10),
        _ => null,
    };

    Records Taken(FileEntry entry, int before, int classes)
    {
        var record = before + 1 + Pixels;
        if (entry.Length == 0 || entry.Length % record != 0)
            throw new InvalidDataException(
                Invariant($"{entry.Shown} must be a multiple of {record} bytes long; it has {entry.Length}."));
        budget.Spend(entry.Length, entry.Shown);
        var taken = new Records([], []);
        using var stream = entry.Open!();
        var bytes = new byte[record];
        for (var i = 0L; i < entry.Length / record; i++)
        {
            Next(stream, bytes, entry.Shown, i);
            if (bytes[before] >= classes)
                throw new InvalidDataException(
                    Invariant($"{entry.Shown}, record {i + 1}: classes go from 0 to {classes - 1}; it is {bytes[before]}."));
            taken.Labels.Add(bytes[before]);
            taken.Pictures.Add(bytes[(before + 1)..]);
        }
        return taken;
    }

    static void Next(Stream stream, byte[] record, string shown, long index)
    {
        try
        {
            stream.ReadExactly(record);
        }
        catch (Exception error) when (FileTree.IsDamage(error))
        {
            throw new InvalidDataException(
                Invariant($"{shown} breaks off in record {index + 1}: {error.Message}"), error);
        }
    }
}
