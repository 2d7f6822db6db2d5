using Retort.Data.Images;

namespace Retort.Data;

/// <summary>
/// Options of CIFAR-10 (<c>data_batch_1.bin</c> … <c>test_batch.bin</c>, <c>batches.meta.txt</c>) and CIFAR-100
/// (<c>train.bin</c>, <c>test.bin</c>, <c>fine_label_names.txt</c>; only the fine labels are read) in their binary
/// version. The path is the publisher's archive, a folder with it, or the unpacked folder.
/// </summary>
public sealed record CifarOptions : NumericDataOptions
{
    protected internal override Examples Read() => new Cifar(Path, new(MemoryLimit)).Read();
}

/// <summary>Reads records of one or two label bytes and 3 × 32 × 32 pixels in the order red, green, blue.</summary>
sealed class Cifar(string path, MemoryLimit budget)
{
    const int PixelBytes = 3 * 32 * 32;
    static readonly string[] Archives = ["cifar-10-binary.tar.gz", "cifar-100-binary.tar.gz"];

    sealed record Records(List<byte[]> Images, List<int> Labels);

    public Examples Read()
    {
        var source = Archives.Select(name => Path.Combine(path, name)).FirstOrDefault(File.Exists) ?? path;
        var files = new Dictionary<string, Records>();
        IReadOnlyList<string>? names = null;
        foreach (var entry in FileTree.Walk(source, budget))
        {
            if (entry.IsFolder) continue;
            var name = entry.Name[(entry.Name.LastIndexOf('/') + 1)..];
            if (name is "batches.meta.txt" or "fine_label_names.txt")
                names = ClassNames.Parse(entry.Bytes(), entry.DisplayName);
            else if (FormatOf(name) is { } format
                && !files.TryAdd(name, ReadRecords(entry, format.LabelOffset, format.Classes)))
                throw new InvalidDataException($"{entry.DisplayName}: {name} is there twice.");
        }
        return Join(source, files, names);
    }

    ImageExamples Join(string source, Dictionary<string, Records> files, IReadOnlyList<string>? names)
    {
        var isCifar100 = files.ContainsKey("train.bin");
        string[] training = isCifar100
            ? ["train.bin"]
            : [.. Enumerable.Range(1, 5).Select(i => Invariant($"data_batch_{i}.bin"))];
        string[] all = [.. training, isCifar100 ? "test.bin" : "test_batch.bin"];
        if (all.FirstOrDefault(name => !files.ContainsKey(name)) is { } missing)
            throw new InvalidDataException(
                $"{source} has no {missing}; CIFAR-10 consists of data_batch_1.bin to data_batch_5.bin and "
                + "test_batch.bin, CIFAR-100 of train.bin and test.bin.");

        var classes = isCifar100 ? 100 : 10;
        if (names is not null && names.Count != classes)
            throw new InvalidDataException(Invariant($"{source} must name {classes} classes; it names {names.Count}."));
        return new(new(3, 32, 32), [.. all.SelectMany(name => files[name].Images)])
        {
            Name = DataPath.NameOf(path),
            Classes = names ?? ClassNames.Numbered(classes),
            Labels = [.. all.SelectMany(name => files[name].Labels)],
            OwnTest = files[all[^1]].Labels.Count,
        };
    }

    /// <summary>The label's offset in a record and the number of classes; null for other files.</summary>
    static (int LabelOffset, int Classes)? FormatOf(string name) => name switch
    {
        "train.bin" or "test.bin" => (1, 100),
        "test_batch.bin" => (0, 10),
        _ when name.StartsWith("data_batch_", StringComparison.Ordinal)
            && name.EndsWith(".bin", StringComparison.Ordinal) => (0, 10),
        _ => null,
    };

    Records ReadRecords(FileEntry entry, int labelOffset, int classes)
    {
        var recordBytes = labelOffset + 1 + PixelBytes;
        if (entry.Length == 0 || entry.Length % recordBytes != 0)
            throw new InvalidDataException(Invariant(
                $"{entry.DisplayName} must be a multiple of {recordBytes} bytes long; it has {entry.Length}."));
        budget.Reserve(
            entry.Length + entry.Length / recordBytes * MemoryLimit.ItemBytes, entry.DisplayName);

        var records = new Records([], []);
        using var stream = entry.Open!();
        var record = new byte[recordBytes];
        for (var i = 0L; i < entry.Length / recordBytes; i++)
        {
            ReadRecord(stream, record, entry.DisplayName, i);
            var label = record[labelOffset];
            if (label >= classes)
                throw new InvalidDataException(Invariant(
                    $"{entry.DisplayName}, record {i + 1}: the class must be from 0 to {classes - 1}; it is {label}."));
            records.Labels.Add(label);
            records.Images.Add(record[(labelOffset + 1)..]);
        }
        return records;
    }

    static void ReadRecord(Stream stream, byte[] record, string shown, long index)
    {
        try
        {
            stream.ReadExactly(record);
        }
        catch (Exception error) when (FileTree.IsDamage(error))
        {
            throw new InvalidDataException(
                Invariant($"{shown}, record {index + 1} cannot be read: {error.Message}"), error);
        }
    }
}
