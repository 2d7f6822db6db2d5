using System.Security.Cryptography;
using Retort.Runtime;
using Retort.Tensors.Files;
using static TorchSharp.torch;

namespace Retort.Teachers;

/// <summary>
/// A teacher in an ONNX graph. A graph with a fixed batch size is run as often as needed, the last time padded. Outputs
/// are float32, whatever the graph computes in.
/// </summary>
public sealed class OnnxTeacher : ITeacher
{
    readonly string _path;
    readonly Device _device;
    readonly TeacherFrontEnd _frontEnd;
    readonly IReadOnlyList<OnnxTensorInfo> _ports;                         // the graph's inputs that are fed
    readonly IReadOnlyList<string> _dataNames;                             // and the data's names of them
    readonly IReadOnlyList<(OutputKey Key, IReadOnlyList<string> Names)> _outputs;
    readonly IReadOnlyList<string> _weightFiles = [];
    readonly long? _fixedBatch;
    OnnxModel _graph;
    int _threads;

    internal OnnxTeacher(OnnxTeacherOptions options, DatasetInfo data, Device device)
    {
        (_path, _device, _threads) = (options.Path, device, get_num_threads());
        TeacherFile.Check(_path, TeacherFile.Onnx);
        _weightFiles = OnnxWeightFiles.Of(_path);                          // before ONNX Runtime opens them
        _graph = new(_path, _threads);
        try
        {
            _frontEnd = new(data, options.Normalization, options.Layout, device, options.FinalActivation);
            var match = new OnnxInputMatch(_graph, options.Inputs, _frontEnd.Inputs, options.Layout);
            (_ports, _dataNames, _fixedBatch) = (match.Ports, match.DataNames, match.FixedBatch);
            _outputs = OutputsOf(options);
            AvailableOutputs = OutputSet.Of(_outputs.Select(output => output.Key));
            foreach (var name in _outputs.SelectMany(output => output.Names)) CheckNumbers(_graph.Output(name));
            using var scope = NewDisposeScope();
            if (_fixedBatch is null) _fixedBatch = FindFixedBatch();       // what does not fit is said here
            else Run(_frontEnd.Example(_fixedBatch.Value, CPU), AvailableOutputs);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public OutputSet AvailableOutputs { get; }

    public Outputs Forward(Batch batch, OutputSet wanted)
    {
        if (wanted.Except(AvailableOutputs) is { IsEmpty: false } missing) throw new InvalidOperationException(
            $"{_path} was opened without {missing}: name them in the teacher's option \"outputs\".");
        if (wanted.IsEmpty) return new();

        FollowThreads();
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var results = Run([.. _frontEnd.Apply(batch).Select(input => (input.Name, input.Value.cpu()))], wanted);
        return Outputs.From(results.Select(result => (result.Key, (IReadOnlyList<Tensor>)
            [.. result.Tensors.Select(tensor => scope.MoveToOuter(tensor.to(_device)))])));
    }

    /// <summary>Over the file, and those that it names as holding its weights.</summary>
    public string Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in (string[])[_path, .. _weightFiles])
        {
            if (!File.Exists(path)) throw new InvalidDataException(
                $"{path.OnOneLine()} is not there{(path == _path ? "" : $"; {_path} keeps weights in it")}.");
            hash.AppendData(Convert.FromHexString(FileHash.Sha256(path)));
        }
        return _frontEnd.Fingerprint(Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>
    /// Counted in the graph, with varying axes at their largest size. Null where it cannot be counted, as in a graph of
    /// more than 2 GB.
    /// </summary>
    public InferenceCost? CountCost()
    {
        using var scope = NewDisposeScope();
        var longest = _frontEnd.Inputs.Where(input => input.Varies)
            .ToDictionary(input => input.Name, input => input.LongestExample(_fixedBatch ?? 1).shape);
        var shapes = _ports.Select((port, i) => (port.Name, Data: _dataNames[i]))
            .Where(pair => longest.ContainsKey(pair.Data)).ToDictionary(pair => pair.Name, pair => longest[pair.Data]);
        try
        {
            var graph = OnnxGraph.Read(_path, shapes);
            var isCounted = graph.IsForOneExample && graph.NotCounted.Count == 0;
            return new(graph.Parameters, graph.Bytes, isCounted ? graph.MultiplyAdds : null,
                graph.IsForOneExample ? graph.ActivationBytes : null);
        }
        catch (InvalidDataException)                                       // it runs, but cannot be inspected
        {
            return null;
        }
    }

    public void Dispose()
    {
        _graph.Dispose();
        _frontEnd?.Dispose();
    }

    // Runs the graph. One that was exported with a batch of one may have this size inside, though its axis is free:
    // it is run on one example at a time.
    long? FindFixedBatch()
    {
        var error = RunError(1);
        if (error is null) return RunError(2) is null ? null : 1;

        foreach (var size in (long[])[2, 4, 8, 16, 32, 64, 128, 256])
            if (RunError(size) is null) throw new InvalidDataException(Invariant(
                $"{_path} runs on {size} examples at a time and not on 1: a batch size is fixed inside it, though its ")
                + "inputs leave the batch free, so export it with a batch size that is free.", error);
        throw error;
    }

    InvalidDataException? RunError(long batch)
    {
        try
        {
            Run(_frontEnd.Example(batch, CPU), AvailableOutputs);
            return null;
        }
        catch (InvalidDataException error)
        {
            return error;
        }
    }

    IReadOnlyList<(OutputKey, IReadOnlyList<string>)> OutputsOf(OnnxTeacherOptions options) =>
        options.Outputs.Named is { Count: > 0 } named ? named
            : [(Output.Logits, [_graph.Outputs.Count == 1 ? _graph.Outputs[0].Name : Output.Logits.Name])];

    // sums depend on the number of threads: a resumed run must use as many as the run did, whoever opened the file
    void FollowThreads()
    {
        if (get_num_threads() is var threads && threads == _threads) return;
        _graph.Dispose();
        (_graph, _threads) = (new(_path, threads), threads);
    }

    // the outputs for the whole batch, each [B, ..] float32 on the CPU
    List<(OutputKey Key, List<Tensor> Tensors)> Run(IReadOnlyList<(string Name, Tensor Value)> inputs, OutputSet wanted)
    {
        var count = inputs[0].Value.size(0);
        if (_fixedBatch is not { } size || count == size) return RunOnce(inputs, count, wanted);

        var pieces = new List<List<(OutputKey Key, List<Tensor> Tensors)>>();
        for (var from = 0L; from < count; from += size)
        {
            var (start, piece) = (from, Math.Min(size, count - from));
            pieces.Add(RunOnce(
                [.. inputs.Select(input => (input.Name, Piece(input.Value, start, piece)))], piece, wanted));
        }
        return [.. pieces[0].Select((output, k) => (output.Key, output.Tensors.Select((_, layer) =>
            cat([.. pieces.Select(piece => piece[k].Tensors[layer])], 0)).ToList()))];

        Tensor Piece(Tensor x, long from, long piece)
        {
            var rows = x.narrow(0, from, piece);
            if (piece == size) return rows;
            long[] rest = [size - piece, .. x.shape[1..]];
            return cat([rows, zeros(rest, dtype: x.dtype)], 0);
        }
    }

    // the graph's batch may be larger than the count: the rows beyond are padding
    List<(OutputKey Key, List<Tensor> Tensors)> RunOnce(
        IReadOnlyList<(string Name, Tensor Value)> inputs, long count, OutputSet wanted)
    {
        var requested = _outputs.Where(output => wanted.Contains(output.Key)).ToList();
        var fed = _ports.Select((port, i) => ToNamed(port, inputs.First(input => input.Name == _dataNames[i]).Value));
        var results = _graph.Run([.. fed], [.. requested.SelectMany(output => output.Names).Distinct()])
            .ToDictionary(result => result.Name);
        return [.. requested.Select(output =>
            (output.Key, output.Names.Select(name => ToTensor(output.Key, name)).ToList()))];

        Tensor ToTensor(OutputKey key, string name)
        {
            var result = results[name];
            _frontEnd.Check(key, result.Shape, inputs[0].Value.size(0), $"{_path}, output \"{name}\",");
            var whole = empty([.. result.Shape], dtype: TypeOf(result.ElementType));
            result.Bytes.CopyTo(whole.bytes);
            return _frontEnd.Undo(key, whole.narrow(0, 0, count).to(ScalarType.Float32), _path);
        }
    }

    static NamedTensor ToNamed(OnnxTensorInfo port, Tensor value)
    {
        var typed = value.to(TypeOf(port.ElementType!)).contiguous();
        return new(port.Name, port.ElementType!, typed.shape, typed.bytes.ToArray());
    }

    static ScalarType TypeOf(Type type) =>
        type == typeof(float) ? ScalarType.Float32
        : type == typeof(Half) ? ScalarType.Float16
        : type == typeof(double) ? ScalarType.Float64
        : type == typeof(long) ? ScalarType.Int64 : ScalarType.Bool;

    void CheckNumbers(OnnxTensorInfo output)
    {
        if (!OnnxInputMatch.IsFloatingPoint(output.ElementType)) throw new InvalidDataException(
            $"{_path} returns {output}; a teacher's outputs must be float, float16 or double.");
    }
}
