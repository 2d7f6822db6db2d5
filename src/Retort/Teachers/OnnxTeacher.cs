using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Retort.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Teachers;

/// <summary>Options of a teacher in an ONNX file, run by ONNX Runtime on the CPU.</summary>
public sealed record OnnxTeacherOptions : PretrainedTeacherOptions
{
    /// <summary>The file.</summary>
    [RecipePath]
    public required string Path { get; init; }

    /// <summary>The name that the graph's only input must have; any unless given.</summary>
    public string? Input { get; init; }

    /// <summary>The graph's output with the logits, [N, C]; its only one, or the one called logits, unless given.</summary>
    public string? Output { get; init; }

    /// <summary>The graph's output with the embedding, [N, D].</summary>
    public string? Embedding { get; init; }

    /// <summary>The graph's outputs with each stage's result, in order.</summary>
    public IReadOnlyList<string> Hidden { get; init; } = [];

    /// <summary>The order of a picture's numbers that the graph expects.</summary>
    public ImageLayout Layout { get; init; }

    public override ITeacher Open(DatasetInfo facts, Device device) => new OnnxTeacher(this, facts, device);
}

/// <summary>
/// A graph that answers for a teacher. One with a fixed batch is run as often as it takes, the last time padded. Answers
/// are float32 whatever the graph computes in.
/// </summary>
public sealed class OnnxTeacher : ITeacher
{
    const int Sizes = 4;                                                   // batch sizes whose buffers are kept
    readonly OnnxTeacherOptions _options;
    readonly Device _device;
    readonly TeacherInput _feed;
    readonly Dictionary<(long, OutputSet), OnnxCall> _calls = [];
    readonly IReadOnlyList<string> _elsewhere = [];
    OnnxModel _graph;
    int _threads;

    internal OnnxTeacher(OnnxTeacherOptions options, DatasetInfo facts, Device device)
    {
        (_options, _device, _threads) = (options, device, get_num_threads());
        _graph = new(options.Path, _threads);
        try
        {
            _elsewhere = Elsewhere(options.Path);
            _feed = new(facts, options.Normalization, options.Layout, device);
            if (_graph.Inputs.Count != 1) throw new InvalidDataException(
                $"{options.Path} takes {_graph.Inputs.Count} inputs ({string.Join(", ", _graph.Inputs)}); a teacher is fed one.");
            var input = options.Input is { } name ? _graph.Input(name) : _graph.Inputs[0];
            Fits(input);
            AvailableOutputs = Output.Logits | (options.Embedding is null ? OutputSet.None : Output.Embedding)
                | (options.Hidden.Count == 0 ? OutputSet.None : Output.HiddenStates);
            foreach (var output in Wanted(AvailableOutputs)) Number(_graph.Output(output), "answers with");
            var call = Call(FixedBatch ?? 1, AvailableOutputs);
            _feed.Check(call.Shape(0), FixedBatch ?? 1, $"{options.Path}, output \"{Logits}\",");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public OutputSet AvailableOutputs { get; }

    string Logits => _options.Output ?? (_graph.Outputs.Count == 1 ? _graph.Outputs[0].Name : "logits");

    /// <summary>The batch that the graph was made for; null where it takes any.</summary>
    long? FixedBatch => _graph.Inputs[0].Shape[0] is > 0 and var size ? size : null;

    public Outputs Forward(Batch batch, OutputSet wanted)
    {
        if (wanted.Except(AvailableOutputs) is { IsEmpty: false } missing) throw new InvalidOperationException(
            $"{_options.Path} was opened without {missing}: name its outputs in the teacher's options.");
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var given = _feed.Of(batch).cpu();
        var results = wanted == OutputSet.None ? [] : Answers(given, wanted);
        var at = 0;
        return new()
        {
            Logits = wanted.Contains(Output.Logits) ? scope.MoveToOuter(results[at++].to(_device)) : null,
            Embedding = wanted.Contains(Output.Embedding) ? scope.MoveToOuter(results[at++].to(_device)) : null,
            HiddenStates = wanted.Contains(Output.HiddenStates) ? [.. _options.Hidden.Select(_ => scope.MoveToOuter(results[at++].to(_device)))] : null,
        };
    }

    /// <summary>Over the file, and those that it names as keeping its weights.</summary>
    public string Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in (string[])[_options.Path, .. _elsewhere])
        {
            if (!File.Exists(path)) throw new InvalidDataException($"{path.OnOneLine()} is not there{(path == _options.Path ? "" : $"; {_options.Path} keeps weights in it")}.");
            using var file = File.OpenRead(path);
            hash.AppendData(SHA256.HashData(file));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The files that a graph names as keeping its weights.</summary>
    static IReadOnlyList<string> Elsewhere(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        using var file = File.OpenRead(path);
        return [.. OnnxExternalData.Of(file, path).Select(place => Path.Combine(folder, place.Location)).Distinct().Order(StringComparer.Ordinal)];
    }

    public void Dispose()
    {
        Forget();
        _graph.Dispose();
        _feed?.Dispose();
    }

    /// <summary>Everything asked for, for the whole batch. → each [B, ..] float32</summary>
    Tensor[] Answers(Tensor given, OutputSet wanted)
    {
        FollowThreads();
        var count = given.size(0);
        if (FixedBatch is not { } size) return Run(Call(count, wanted), given, count);
        var pieces = new List<Tensor[]>();
        for (var from = 0L; from < count; from += size)
        {
            var piece = Math.Min(size, count - from);
            pieces.Add(Run(Call(size, wanted), given.narrow(0, from, piece), piece));
        }
        return [.. pieces[0].Select((_, i) => pieces.Count == 1 ? pieces[0][i] : cat([.. pieces.Select(piece => piece[i])], 0))];
    }

    Tensor[] Run(OnnxCall call, Tensor given, long count)
    {
        var element = _graph.Inputs[0].ElementType!;
        var fed = given.to(TypeOf(element)).bytes;
        var room = Bytes(element);
        fed.CopyTo(room);
        room[fed.Length..].Clear();
        call.Run();
        return [.. call.OutputNames.Select(Result)];

        Tensor Result(string name, int i)
        {
            var type = _graph.Output(name).ElementType!;
            var shape = call.Shape(i);
            if (shape.Count < 2 || shape[0] < count) throw new InvalidDataException(
                $"{_options.Path}: the output \"{name}\" must have a row for each example; for {count} it is [{string.Join(", ", shape)}].");
            if (i == 0 && name == Logits) _feed.Check(shape, FixedBatch ?? count, $"{_options.Path}, output \"{name}\",");
            var whole = empty([.. shape], dtype: TypeOf(type));
            From(call, i, type).CopyTo(whole.bytes);
            return whole.narrow(0, 0, count).to(ScalarType.Float32);
        }

        Span<byte> Bytes(Type type) => type == typeof(float) ? MemoryMarshal.AsBytes(call.Input<float>())
            : type == typeof(Half) ? MemoryMarshal.AsBytes(call.Input<Half>()) : MemoryMarshal.AsBytes(call.Input<double>());
    }

    static ReadOnlySpan<byte> From(OnnxCall call, int i, Type type) => type == typeof(float) ? MemoryMarshal.AsBytes(call.Output<float>(i))
        : type == typeof(Half) ? MemoryMarshal.AsBytes(call.Output<Half>(i)) : MemoryMarshal.AsBytes(call.Output<double>(i));

    static ScalarType TypeOf(Type type) => type == typeof(float) ? ScalarType.Float32 : type == typeof(Half) ? ScalarType.Float16 : ScalarType.Float64;

    OnnxCall Call(long size, OutputSet wanted)
    {
        if (_calls.TryGetValue((size, wanted), out var call)) return call;
        if (_calls.Count == Sizes) Forget();
        return _calls[(size, wanted)] = _graph.Prepare([[size, .. _feed.Shape]], [.. Wanted(wanted)]);
    }

    IEnumerable<string> Wanted(OutputSet wanted) =>
    [
        .. wanted.Contains(Output.Logits) ? (string[])[Logits] : [],
        .. wanted.Contains(Output.Embedding) ? (string[])[_options.Embedding!] : [],
        .. wanted.Contains(Output.HiddenStates) ? _options.Hidden : [],
    ];

    /// <summary>Sums depend on the number of threads: a resumed part must have the run's, whichever part opened the file.</summary>
    void FollowThreads()
    {
        if (get_num_threads() is var threads && threads == _threads) return;
        Forget();
        _graph.Dispose();
        (_graph, _threads) = (new(_options.Path, threads), threads);
    }

    void Forget()
    {
        foreach (var call in _calls.Values) call.Dispose();
        _calls.Clear();
    }

    void Fits(OnnxTensorInfo input)
    {
        Number(input, "takes");
        var fits = input.Shape.Count == _feed.Shape.Length + 1;
        for (var i = 1; fits && i < input.Shape.Count; i++) fits = input.Shape[i] < 0 || input.Shape[i] == _feed.Shape[i - 1];
        if (!fits) throw new InvalidDataException(
            $"{_options.Path} takes {input}; the data gives {_feed.Name} [N, {string.Join(", ", _feed.Shape)}] in the layout "
            + $"{_options.Layout.ToString().ToLowerInvariant()}: the option \"layout\" can change the order.");
    }

    void Number(OnnxTensorInfo port, string does)
    {
        if (port.ElementType != typeof(float) && port.ElementType != typeof(Half) && port.ElementType != typeof(double)) throw new InvalidDataException(
            $"{_options.Path} {does} {port}; a teacher's numbers must be float, float16 or double.");
    }
}
