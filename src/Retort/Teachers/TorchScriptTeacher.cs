using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Retort.Tensors.Files;
using Retort.Tensors.Files.TorchScript;
using static TorchSharp.torch;

namespace Retort.Teachers;

/// <summary>Options of a teacher in a TorchScript file, scripted or traced.</summary>
public sealed record TorchScriptTeacherOptions : PretrainedTeacherOptions, IValidated
{
    /// <summary>The name of a returned tensor that is not used.</summary>
    const string Other = "other";

    /// <summary>The file.</summary>
    [RecipePath]
    public required string Path { get; init; }

    /// <summary>
    /// What the program returns, in order, tuples and lists in it taken apart: <c>logits</c>, <c>embedding</c>,
    /// <c>hidden_states</c> and <c>attentions</c> (once a layer), <c>token_embeddings</c>, or <c>other</c> for a tensor
    /// that is not used.
    /// </summary>
    public IReadOnlyList<string> Outputs { get; init; } = [Output.Logits.Name];

    /// <summary>The order of an image's numbers that the program expects.</summary>
    public ImageLayout Layout { get; init; }

    /// <summary>
    /// What the teacher applies to its logits: <c>none</c>, <c>softmax</c> or <c>sigmoid</c>. Methods need logits, so
    /// a softmax or sigmoid that is stated here is undone.
    /// </summary>
    public FinalActivation FinalActivation { get; init; }

    public override ITeacher Open(DatasetInfo data, Device device) =>
        new TorchScriptTeacher(OptionRules.Check(this), data, device);

    public OptionError? Validate()
    {
        var known = Output.All.Select(key => key.Name).Append(Other).ToList();
        if (Outputs.FirstOrDefault(name => !known.Contains(name)) is { } unknown)
            return new(nameof(Outputs), $"must be of {string.Join(", ", known)}; one is \"{unknown}\".");
        var twice = Output.All.FirstOrDefault(key => !key.PerLayer && Outputs.Count(name => name == key.Name) > 1);
        if (twice is not null) return new(nameof(Outputs), $"must have \"{twice}\" at most once.");
        return Outputs.Any(name => name != Other) ? null
            : new(nameof(Outputs), "must have at least one output that is used; it has none.");
    }
}

/// <summary>A TorchScript program as a teacher: in eval mode, without gradient.</summary>
public sealed class TorchScriptTeacher : ITeacher
{
    readonly TorchScriptTeacherOptions _options;
    readonly TeacherFrontEnd _frontEnd;
    readonly jit.ScriptModule _program;

    internal TorchScriptTeacher(TorchScriptTeacherOptions options, DatasetInfo data, Device device)
    {
        _options = options;
        _frontEnd = new(data, options.Normalization, options.Layout, device, options.FinalActivation);
        try
        {
            TeacherFile.Check(options.Path, TeacherFile.TorchScript);
            _program = Load(device);
            _program.eval();
            AvailableOutputs = OutputSet.Of(Output.All.Where(key => options.Outputs.Contains(key.Name)));
            using var frozen = no_grad();
            using var scope = NewDisposeScope();
            CheckRuns(device);                                             // what does not fit is said here
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
            $"{_options.Path} was opened without {missing}: name them in the teacher's option \"outputs\".");
        if (wanted == OutputSet.None) return new();

        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var tensors = Run([.. _frontEnd.Apply(batch).Select(input => input.Value)]);
        return Outputs.From(wanted.Keys.Select(key => (key, Layers(key))));

        IReadOnlyList<Tensor> Layers(OutputKey key) =>
        [
            .. tensors.Where((_, i) => _options.Outputs[i] == key.Name)
                .Select(tensor => _frontEnd.Undo(key, tensor.to(ScalarType.Float32), _options.Path))
                .Select(tensor => scope.MoveToOuter(tensor.alias())),
        ];
    }

    /// <summary>Over the file, and the weights and buffers as they are in memory.</summary>
    public string Fingerprint()
    {
        using var scope = NewDisposeScope();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Convert.FromHexString(FileHash.Sha256(_options.Path)));
        var parameters = _program.named_parameters().Select(pair => (pair.name, Tensor: (Tensor)pair.parameter));
        var buffers = _program.named_buffers().Select(pair => (pair.name, Tensor: pair.buffer));
        foreach (var (name, tensor) in parameters.Concat(buffers).ToList())
        {
            hash.AppendData(Encoding.UTF8.GetBytes(name));
            hash.AppendData(tensor.detach().cpu().contiguous().bytes);
        }
        return _frontEnd.Fingerprint(Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>Its parameters and their size; null for a frozen program, whose weights are constants of it.</summary>
    public InferenceCost? CountCost()
    {
        using var scope = NewDisposeScope();
        var parameters = _program.named_parameters().Sum(pair => pair.parameter.numel());
        var buffers = _program.named_buffers().Where(pair => pair.buffer.is_floating_point())
            .Sum(pair => pair.buffer.numel());
        return parameters == 0 ? null : new(parameters, sizeof(float) * (parameters + buffers), null, null);
    }

    public void Dispose()
    {
        _program?.Dispose();
        _frontEnd.Dispose();
    }

    jit.ScriptModule Load(Device device)
    {
        try
        {
            return TorchScriptFile.Load(_options.Path, device);
        }
        catch (ExternalException error)
        {
            throw new InvalidDataException(
                $"{_options.Path} cannot be loaded as TorchScript: {Reason(error)}", error);
        }
    }

    // on two examples; a program that takes only one was traced with a batch of one, whose size is a constant in it
    void CheckRuns(Device device)
    {
        try
        {
            Run([.. _frontEnd.Example(2, device).Select(input => input.Value)]);
        }
        catch (InvalidDataException error) when (RunsOnOne(device))
        {
            throw new InvalidDataException(
                $"{_options.Path} runs on one example and not on a batch of two: a batch size of 1 is fixed inside it, "
                + $"for example in a reshape, so export it with a batch size that is free. {error.Message}", error);
        }
    }

    bool RunsOnOne(Device device)
    {
        try
        {
            Run([.. _frontEnd.Example(1, device).Select(input => input.Value)]);
            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    // a tensor for each of the option "outputs"
    List<Tensor> Run(Tensor[] inputs)
    {
        SignalStack.Ensure();
        var shapes = string.Join(", ", inputs.Select(Text));
        object? result;
        try
        {
            result = _program.forward(inputs);
        }
        catch (ExternalException error)
        {
            throw new InvalidDataException($"{_options.Path} cannot be run on {shapes}: {Reason(error)}", error);
        }
        catch (ArgumentException error)                                    // TorchSharp has no form for the result
        {
            throw Wrong("something else", error);
        }
        var tensors = new List<Tensor>();
        Flatten(result, tensors);
        if (tensors.Count != _options.Outputs.Count)
            throw Wrong($"{tensors.Count} tensors: {string.Join(", ", tensors.Select(Text))}");
        for (var i = 0; i < tensors.Count; i++) Check(_options.Outputs[i], tensors[i], inputs[0].size(0));
        return tensors;
    }

    // tuples and lists taken apart, in order
    void Flatten(object? result, List<Tensor> tensors)
    {
        if (result is Tensor tensor)
        {
            tensors.Add(tensor);
            return;
        }
        IEnumerable<object?> parts = result switch
        {
            Tensor[] list => list,
            object[] list => list,
            ITuple tuple => Enumerable.Range(0, tuple.Length).Select(i => tuple[i]),
            _ => throw Wrong(result is null ? "nothing" : "something else"),
        };
        foreach (var part in parts) Flatten(part, tensors);
    }

    void Check(string name, Tensor tensor, long count)
    {
        if (Output.Named(name) is not { } key) return;
        _frontEnd.Check(key, tensor.shape, count, _options.Path);
        if (!tensor.is_floating_point()) throw new InvalidDataException(
            $"{_options.Path}: {name} must be floating-point numbers; they are {tensor.dtype}.");
    }

    InvalidDataException Wrong(string came, Exception? inner = null)
    {
        var expected = _options.Outputs.Count == 1 ? "a tensor" : $"{_options.Outputs.Count} tensors";
        return new($"{_options.Path} must return {expected}, as the option \"outputs\" says "
            + $"({string.Join(", ", _options.Outputs)}); it returned {came}.", inner);
    }

    static string Text(Tensor tensor) => $"[{string.Join(", ", tensor.shape)}]";

    // the line of a native message, which has a stack too, that says what went wrong
    static string Reason(ExternalException error)
    {
        const string Prefix = "RuntimeError: ";
        var lines = error.Message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var found = lines.LastOrDefault(line => line.StartsWith(Prefix, StringComparison.Ordinal));
        var reason = found is null ? lines.FirstOrDefault("no reason was given") : found[Prefix.Length..];
        return reason.TrimEnd('.').OnOneLine() + ".";
    }
}
