using System.Text.Json;
using Retort.Tensors.Files;
using static TorchSharp.torch;

namespace Retort.Teachers;

/// <summary>Options of a teacher that is served over HTTP; docs/teachers.md describes the protocol.</summary>
public sealed record RemoteTeacherOptions : PretrainedTeacherOptions
{
    /// <summary>The address of the service, such as http://127.0.0.1:8000/teacher.</summary>
    [HttpUrl]
    public required string Url { get; init; }

    /// <summary>The version that the service must state. Unless given any, but the same for the whole run.</summary>
    public string? Version { get; init; }

    /// <summary>Seconds that one request may take.</summary>
    [Positive]
    public double Timeout { get; init; } = 30;

    /// <summary>
    /// How often a request is sent again after a lost connection, a timeout, or a status that says the service is busy
    /// or broken.
    /// </summary>
    [NotNegative]
    public int Retries { get; init; } = 5;

    /// <summary>Seconds before the first retry; each further one waits twice as long.</summary>
    [NotNegative]
    public double Backoff { get; init; } = 0.25;

    /// <summary>
    /// The environment variable with a token that is sent as <c>Authorization: Bearer</c>; none unless given.
    /// </summary>
    public string? TokenVariable { get; init; }

    /// <summary>
    /// What the teacher applies to its logits: <c>none</c>, <c>softmax</c> or <c>sigmoid</c>. Methods need logits, so
    /// a softmax or sigmoid that is stated here is undone.
    /// </summary>
    public FinalActivation FinalActivation { get; init; }

    public override ITeacher Open(DatasetInfo data, Device device) => Open(data, device, CancellationToken.None);

    public override ITeacher Open(DatasetInfo data, Device device, CancellationToken token) =>
        new RemoteTeacher(OptionRules.Check(this), data, device, token);
}

/// <summary>A served model as a teacher: the inputs of a batch are sent, the wanted outputs come back.</summary>
public sealed class RemoteTeacher : ITeacher
{
    readonly RemoteClient _client;
    readonly TeacherFrontEnd _frontEnd;
    readonly Device _device;
    readonly string _url;
    readonly RemoteModelInfo _info;

    internal RemoteTeacher(RemoteTeacherOptions options, DatasetInfo data, Device device, CancellationToken token)
    {
        (_url, _device) = (options.Url, device);
        _frontEnd = new(data, options.Normalization, ImageLayout.Nchw, device, options.FinalActivation);
        _client = new(options, token);
        try
        {
            _info = _client.Info();
            Check(options, data);
            AvailableOutputs = OutputSet.Of(_info.Outputs.Select(name => Output.Named(name)!));
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
            $"{_url} serves {AvailableOutputs}; {missing} was asked for.");
        if (wanted == OutputSet.None) return new();

        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var inputs = _frontEnd.Apply(batch).ToDictionary(input => input.Name, input => input.Value);
        var names = wanted.Keys.SelectMany(Layers).ToList();
        var results = _client.Predict(
            _info.Inputs.Select(input => KeyValuePair.Create(input.Name, inputs[input.Name])), names, _info.Version);
        return Outputs.From(wanted.Keys.Select(key => (key, (IReadOnlyList<Tensor>)
            [.. Layers(key).Select(name => scope.MoveToOuter(Checked(key, name, results, batch.Count).to(_device)))])));
    }

    /// <summary>Over what the service says of its model now.</summary>
    public string Fingerprint()
    {
        var info = JsonSerializer.SerializeToUtf8Bytes(_client.Info());
        return _frontEnd.Fingerprint(FileHash.Sha256(info));
    }

    public void Dispose()
    {
        _client.Dispose();
        _frontEnd.Dispose();
    }

    // the service's outputs of this key, in order of their layers
    IReadOnlyList<string> Layers(OutputKey key)
    {
        if (!key.PerLayer) return [key.Name];
        var count = _info.Outputs.Count(name => Output.Named(name) == key);
        return [.. Enumerable.Range(0, count).Select(key.LayerName)];
    }

    Tensor Checked(OutputKey key, string name, IReadOnlyDictionary<string, Tensor> results, long count)
    {
        if (!results.TryGetValue(name, out var result)) throw new InvalidDataException(
            $"{_url} must respond with {name}; it responded with {Shown(string.Join(", ", results.Keys))}.");
        _frontEnd.Check(key, result.shape, count, _url);
        if (!result.is_floating_point()) throw new InvalidDataException(
            $"{_url} must return {name} as floating-point numbers; they are {result.dtype}.");
        var values = result.to(ScalarType.Float32);
        if (values.isfinite().all().ToBoolean()) return _frontEnd.Undo(key, values, _url);

        var numbers = values.ToFloatArray();
        var at = Array.FindIndex(numbers, number => !float.IsFinite(number));
        var width = numbers.Length / count;
        throw new InvalidDataException(Invariant(
            $"{_url} must return finite numbers; {name} of example {at / width} of the batch, number {at % width}, is ")
            + Invariant($"{numbers[at]}."));
    }

    void Check(RemoteTeacherOptions options, DatasetInfo data)
    {
        if (options.Version is { } version && version != _info.Version) throw new InvalidDataException(
            $"{_url} must serve version \"{version}\"; it serves \"{Shown(_info.Version)}\".");
        if (_info.Classes.Count != data.Classes.Count) throw new InvalidDataException(
            $"{_url} has {_info.Classes.Count} classes; the data has {data.Classes.Count}.");
        for (var i = 0; i < data.Classes.Count; i++)
            if (_info.Classes[i] != data.Classes[i]) throw new InvalidDataException(
                $"{_url} must have the data's classes in the data's order; class {i} is "
                + $"\"{Shown(_info.Classes[i])}\" there and \"{data.Classes[i]}\" here.");
        foreach (var input in _info.Inputs)
            if (!_frontEnd.Inputs.Any(spec => spec.Name == input.Name && input.Fits(spec)))
                throw new InvalidDataException(
                    $"{_url} takes {Shown(input.ToString())}; the data gives {string.Join(", ", _frontEnd.Inputs)}.");
        CheckOutputs();
    }

    void CheckOutputs()
    {
        if (_info.Outputs.FirstOrDefault(name => Output.Named(name) is null) is { } unknown)
            throw new InvalidDataException($"{_url} serves \"{Shown(unknown)}\"; outputs are "
                + $"{string.Join(", ", Output.All.Select(key => key.PerLayer ? $"{key.Name}.0, …" : key.Name))}.");
        var expected = Output.All.SelectMany(Layers).Where(_info.Outputs.Contains).ToList();
        if (expected.Count == 0 || expected.Count != _info.Outputs.Count) throw new InvalidDataException(
            $"{_url} must serve each output once, and layers from 0 on; it serves "
            + $"{Shown(string.Join(", ", _info.Outputs))}.");
    }

    // what a service sends may be of any length, and may have commands for a terminal in it
    static string Shown(string text) => RemoteClient.Shown(text);
}
