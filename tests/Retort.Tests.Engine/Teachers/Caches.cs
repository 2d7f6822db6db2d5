using Retort.Teachers;
using Retort.Teachers.Cache;
using Retort.Tests.Contract;

namespace Retort.Tests.Teachers;

/// <summary>Small caches: 64 pictures, three views of each unless said otherwise, four classes.</summary>
static class Caches
{
    public static IDataSplit Data { get; } = new Shifted(Few.Data.Training, 3);

    public static CacheIdentity Identity(CodecOptions codec, IDataSplit? data = null) => new()
    {
        Teacher = "mlp 77",
        Normalization = "none",
        Augmentation = "shifted",
        Views = (data ?? Data).Views!.Value,
        ViewSeed = 0,
        Data = "few",
        Examples = (data ?? Data).Count,
        Codec = codec.Describe(),
        Inputs = CacheIdentity.InputsOf((data ?? Data).Info),
        Outputs = [new("logits", [4])],
    };

    public static CacheSpec Job(CodecOptions? codec = null, IDataSplit? data = null, string? folder = null) => new()
    {
        Folder = folder ?? Few.Folder(),
        Identity = Identity(codec ?? new Float32Options(), data),
        Codec = codec ?? new Float32Options(),
        Data = data ?? Data,
        Batch = 16,
    };

    /// <summary>A cache that is complete.</summary>
    public static CacheSpec Filled(CodecOptions? codec = null, IDataSplit? data = null)
    {
        var job = Job(codec, data);
        using var teacher = Few.Teacher();
        new CacheWriter(teacher, job).Fill(TestContext.Current.CancellationToken);
        return job;
    }

    public static CachedTeacher Opened(CacheSpec job) => CachedTeacher.Open(job.Folder, job.Identity, job.Codec);

    public static string[] Shards(CacheSpec job) => [.. Directory.GetFiles(job.Folder, "*.shard")
        .Order(StringComparer.Ordinal)];

    /// <summary>A batch of these positions in a view, owned by the caller's scope.</summary>
    public static Batch Batch(IDataSplit data, View view, params int[] positions)
    {
        var prepared = new HostBatch();
        data.Load(positions, view, prepared);
        return prepared.ToBatch();
    }
}

/// <summary>
/// Data with views: every pixel is the view's number brighter. A pass from the seed on counts,
/// if the data has no views of its own.
/// </summary>
sealed class Shifted(IDataSplit data, int views) : IDataSplit
{
    public int Count => data.Count;
    public DatasetInfo Info => data.Info;
    public int? Views => views;

    public void Load(ReadOnlySpan<int> positions, View view, HostBatch into)
    {
        data.Load(positions, View.Plain, into);
        into.ViewIndex = view.IsPlain ? null : view.Pass % views;
        foreach (ref var value in into.Float32("pixel_values", [1, 28, 28])) value += into.ViewIndex ?? 0;
    }
}

/// <summary>A teacher with an ear: how many examples it was asked about, and a word before each answer.</summary>
sealed class Heard(ITeacher teacher, Action<int>? before = null) : ITeacher
{
    public int Examples { get; private set; }
    public OutputSet AvailableOutputs => teacher.AvailableOutputs;

    public Outputs Forward(Batch batch, OutputSet wanted)
    {
        before?.Invoke(Examples);
        Examples += batch.Count;
        return teacher.Forward(batch, wanted);
    }

    public string Fingerprint() => teacher.Fingerprint();
    public void Dispose() => teacher.Dispose();
}
