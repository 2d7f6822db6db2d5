using System.Diagnostics;
using Retort.Methods;
using Retort.Models;
using Retort.Teachers;
using Retort.Teachers.Cache;
using Retort.Training;

namespace Retort.Benchmarks;

/// <summary>The networks, data and caches of <see cref="CacheCost"/>, and the steps that it times.</summary>
sealed class CacheSteps : IDisposable
{
    public const int BatchSize = 64;
    const int Examples = 512;
    const int StepsPerRound = 3;

    readonly string _folder;
    readonly NoiseSplit _data = new(Examples);
    readonly NetworkTeacher _teacher;
    readonly Network _student;
    readonly Optimizer _optimizer;
    readonly SoftTargets _method = new(new());
    readonly CachedTeacher _cache;
    readonly HostBatch _host = new();

    /// <summary>Milliseconds per batch.</summary>
    public sealed record Times(double Forward, double Step, double Live, double Cached, double Writing);

    public CacheSteps(string folder)
    {
        _folder = folder;
        torch.manual_seed(1);
        int[] widths = [32, 64, 128, 256];
        var teacher = ModuleFactory.Create(() => new ResNetOptions { Depth = 32, Widths = widths }.Build(_data.Info));
        _student = ModuleFactory.Create(() => new ResNetOptions { Depth = 8, Widths = widths }.Build(_data.Info));
        teacher.ToMemoryFormat(teacher.PreferredFormat);
        _student.ToMemoryFormat(_student.PreferredFormat);
        _teacher = new(teacher, owns: true);
        _student.train();
        var parameters = _student.named_parameters().Select(pair => (pair.name, pair.parameter));
        _optimizer = new SgdOptions { Nesterov = true }.Build([.. parameters]);
        _cache = OpenCache(new Float16Options(), "steps");
    }

    /// <summary>Writes a cache and opens it.</summary>
    public CachedTeacher OpenCache(CodecOptions codec, string name)
    {
        var spec = Spec(codec, name);
        new CacheWriter(_teacher, spec).Fill();
        return CachedTeacher.Open(spec.Folder, spec.Identity, codec);
    }

    public Batch Batch(int index)
    {
        var positions = Enumerable.Range(0, BatchSize).Select(i => (index * 97 + i * 37) % Examples);
        _data.Load([.. positions], new(1, 0), _host);
        return _host.ToBatch();
    }

    public void WarmUp()
    {
        using var scope = torch.NewDisposeScope();
        Batch(0);                                                          // every step uses this batch
        Milliseconds(2, () => Step(_teacher));
        Milliseconds(2, () => Step(_cache));
    }

    public Times Measure(int round)
    {
        using var scope = torch.NewDisposeScope();
        using var constant = new ConstantTeacher(_teacher, Batch(0));
        var forward = Milliseconds(Examples / BatchSize, Forward);
        var step = Milliseconds(StepsPerRound, () => Step(constant));
        var live = Milliseconds(StepsPerRound, () => Step(_teacher));
        var cached = Milliseconds(StepsPerRound, () => Step(_cache));
        var spec = Spec(new Float16Options(), $"round{round}");
        var writing = Milliseconds(1, () => new CacheWriter(_teacher, spec).Fill()) * BatchSize / Examples;
        return new(forward, step, live, cached, writing);
    }

    CacheSpec Spec(CodecOptions codec, string name) => new()
    {
        Folder = Path.Combine(_folder, name + codec.GetType().Name),
        Codec = codec,
        Data = _data,
        Batch = BatchSize,
        Identity = new()
        {
            Inputs = CacheIdentity.InputsOf(_data.Info),
            Teacher = "resnet32x4",
            Normalization = "none",
            Augmentation = "[]",
            Views = 1,
            ViewSeed = 0,
            Data = "noise",
            Examples = Examples,
            Codec = codec switch
            {
                Float32Options => "float32",
                Float16Options => "float16",
                TopKOptions top => $"top-k {top.K}",
                _ => throw new ArgumentException(codec.ToString(), nameof(codec)),
            },
            Outputs = [new("logits", [100])],
        },
    };

    static double Milliseconds(int times, Action action)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < times; i++) action();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds / times;
    }

    void Forward()
    {
        using var scope = torch.NewDisposeScope();
        _teacher.Forward(_host.ToBatch(), Output.Logits);
    }

    void Step(ITeacher teacher)
    {
        using var scope = torch.NewDisposeScope();
        _optimizer.ZeroGrad();
        var batch = _host.ToBatch();
        var teacherOutputs = teacher.Forward(batch, Output.Logits);
        var studentOutputs = _student.Forward(batch.Inputs, Output.Logits);
        _method.Compute(batch, teacherOutputs, studentOutputs).Total.backward();
        _optimizer.Step(0.01);
    }

    public void Dispose()
    {
        _cache.Dispose();
        _optimizer.Dispose();
        _student.Dispose();
        _teacher.Dispose();
    }

    /// <summary>A teacher whose outputs cost nothing: the best that a cache can do.</summary>
    sealed class ConstantTeacher(ITeacher teacher, Batch batch) : ITeacher
    {
        readonly Tensor _logits = teacher.Forward(batch, Output.Logits).Logits;

        public OutputSet AvailableOutputs => Output.Logits;
        public Outputs Forward(Batch batch, OutputSet outputs) => new() { Logits = _logits.alias() };
        public string Fingerprint() => teacher.Fingerprint();
        public void Dispose() => _logits.Dispose();
    }
}
