using Retort.Report;

namespace Retort.Fire.Damage;

/// <summary>Every reader of files, by name.</summary>
static class Readers
{
    static readonly (string Name, Func<string, Reader> Make)[] All =
    [
        ("idx", folder => DataReaders.Idx(folder, zipped: false)),
        ("idx-gzip", folder => DataReaders.Idx(folder, zipped: true)), ("cifar", DataReaders.Cifar),
        ("png", folder => DataReaders.Picture(folder, jpeg: false)),
        ("jpeg", folder => DataReaders.Picture(folder, jpeg: true)),
        ("tar", folder => DataReaders.Archive(folder, ".tar")),
        ("tar.gz", folder => DataReaders.Archive(folder, ".tar.gz")),
        ("tar.zst", folder => DataReaders.Archive(folder, ".tar.zst")),
        ("csv", folder => DataReaders.Table(folder, tabs: false)),
        ("tsv", folder => DataReaders.Table(folder, tabs: true)),
        ("parquet-numbers", folder => DataReaders.Parquet(folder, "numbers")),
        ("parquet-pictures", folder => DataReaders.Parquet(folder, "pictures")),
        ("parquet-texts", folder => DataReaders.Parquet(folder, "texts")),
        ("safetensors", WeightReaders.SafeTensors), ("pth", WeightReaders.Pth), ("pth-legacy", WeightReaders.Legacy),
        ("pickle", WeightReaders.Pickles),
        ("weights-teacher", WeightReaders.Teacher), ("torchscript", WeightReaders.Script),
        ("onnx", GraphReaders.Run), ("onnx-inspect", GraphReaders.Count), ("student", GraphReaders.Student),
        ("cache-shard", RunReaders.Shards), ("cache-card", RunReaders.Card), ("recipe", RunReaders.Recipe),
        ("checkpoint", RunReaders.Checkpoint), ("network", RunReaders.Network), ("run-folder", RunReaders.Run),
        ("results", RunReaders.Results), ("convert", RunReaders.Convert), ("tokenizer", TextReaders.Tokenizer),
        ("questions", TextReaders.Questions),
        ("knowledge-base", KnowledgeReaders.Base), ("wav", SoundReaders.Wav),
    ];

    public static IReadOnlyList<string> Names { get; } = [.. All.Select(one => one.Name)];

    /// <summary>A reader with its sound files in a folder of its own.</summary>
    public static Reader Made(string name, string folder)
    {
        var make = All.FirstOrDefault(one => one.Name == name).Make ?? throw new ArgumentException(
            $"There is no reader \"{name}\"; there are {string.Join(", ", Names)}.", nameof(name));
        var own = Path.Combine(folder, name);
        if (Directory.Exists(own)) Directory.Delete(own, recursive: true);     // a process died here
        return make(Directory.CreateDirectory(own).FullName);
    }
}
