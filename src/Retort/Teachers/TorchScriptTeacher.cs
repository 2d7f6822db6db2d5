using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Teachers;

/// <summary>Options of a teacher in a TorchScript file, scripted or traced.</summary>
public sealed record TorchScriptTeacherOptions : PretrainedTeacherOptions, IValidated
{
    /// <summary>The file.</summary>
    [RecipePath]
    public required string Path { get; init; }

    /// <summary>
    /// What the program gives back, in order, where it is a tuple or list: logits, embedding, hidden (as often as there are
    /// stages), or other for what is not used. Logits must be there once, embedding at most once.
    /// </summary>
    public IReadOnlyList<TorchScriptOutput> Outputs { get; init; } = [TorchScriptOutput.Logits];

    /// <summary>The order of a picture's numbers that the program expects.</summary>
    public ImageLayout Layout { get; init; }

    public override ITeacher Open(DatasetInfo facts, Device device) =>
        new TorchScriptTeacher(OptionRules.Check(this), facts, device);

    /// <inheritdoc/>
    public OptionError? Validate() =>
        Outputs.Count(output => output == TorchScriptOutput.Logits) == 1
        && Outputs.Count(output => output == TorchScriptOutput.Embedding) <= 1 ? null
            : new(nameof(Outputs), "must have logits once and embedding at most once.");
}

/// <summary>What one tensor is that a program gives back.</summary>
public enum TorchScriptOutput
{
    /// <summary>[B, C]</summary>
    Logits,

    /// <summary>[B, D]</summary>
    Embedding,

    /// <summary>One stage's result. [B, C, H, W] or [B, D]</summary>
    Hidden,

    /// <summary>Nothing that a method asks for.</summary>
    Other,
}

/// <summary>A TorchScript program that answers for a teacher: in eval mode, without gradient.</summary>
public sealed class TorchScriptTeacher : ITeacher
{
    readonly TorchScriptTeacherOptions _options;
    readonly TeacherInput _feed;
    readonly jit.ScriptModule _program;

    internal TorchScriptTeacher(TorchScriptTeacherOptions options, DatasetInfo facts, Device device)
    {
        _options = options;
        TorchScriptArchive.Check(options.Path);
        _feed = new(facts, options.Normalization, options.Layout, device);
        try
        {
            _program = Loaded(device);
            _program.eval();
            foreach (var output in options.Outputs) AvailableOutputs |= Signal(output);
            using var frozen = no_grad();
            using var scope = NewDisposeScope();
            Answers(zeros([2, .. _feed.Shape], device: device));           // what does not fit is said before the run begins
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
            $"{_options.Path} was opened without {missing}: name it in the teacher's option \"outputs\".");
        if (wanted == OutputSet.None) return new();
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var answers = Answers(_feed.Of(batch));
        return new()
        {
            Logits = wanted.Contains(Output.Logits) ? All(TorchScriptOutput.Logits)[0] : null,
            Embedding = wanted.Contains(Output.Embedding) ? All(TorchScriptOutput.Embedding)[0] : null,
            HiddenStates = wanted.Contains(Output.HiddenStates) ? All(TorchScriptOutput.Hidden) : null,
        };

        List<Tensor> All(TorchScriptOutput output) =>
            [.. answers.Where((_, i) => _options.Outputs[i] == output).Select(answer => scope.MoveToOuter(answer.to(ScalarType.Float32).alias()))];
    }

    /// <summary>Over the file and the weights and buffers as they are in memory now.</summary>
    public string Fingerprint()
    {
        using var scope = NewDisposeScope();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using (var file = File.OpenRead(_options.Path)) hash.AppendData(SHA256.HashData(file));
        foreach (var (name, tensor) in State())
        {
            hash.AppendData(Encoding.UTF8.GetBytes(name));
            hash.AppendData(tensor.detach().cpu().contiguous().bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());

        IEnumerable<(string Name, Tensor Tensor)> State() =>
            [.. _program.named_parameters().Select(pair => (pair.name, (Tensor)pair.parameter)), .. _program.named_buffers().Select(pair => (pair.name, pair.buffer))];
    }

    public void Dispose()
    {
        _program?.Dispose();
        _feed.Dispose();
    }

    jit.ScriptModule Loaded(Device device)
    {
        try
        {
            return jit.load(_options.Path, device.type, device.index);
        }
        catch (ExternalException error)
        {
            throw new InvalidDataException($"{_options.Path} cannot be loaded as TorchScript: {Reason(error)}", error);
        }
    }

    /// <summary>One tensor for each of the outputs named. [B, Shape] → ...</summary>
    Tensor[] Answers(Tensor given)
    {
        object? result;
        try
        {
            result = _program.forward(given);
        }
        catch (ExternalException error)
        {
            throw new InvalidDataException($"{_options.Path} cannot answer to [{string.Join(", ", given.shape)}]: {Reason(error)}", error);
        }
        catch (ArgumentException error)                                    // TorchSharp has no form for what came back
        {
            throw Wrong("something else", error);
        }
        var answers = result switch
        {
            Tensor one => [one],
            Tensor[] list => list,
            ITuple tuple when Enumerable.Range(0, tuple.Length).All(i => tuple[i] is Tensor) => [.. Enumerable.Range(0, tuple.Length).Select(i => (Tensor)tuple[i]!)],
            _ => throw Wrong(result is null ? "nothing" : "something else"),
        };
        if (answers.Length != _options.Outputs.Count) throw Wrong($"{answers.Length} tensors: " + string.Join(", ", answers.Select(answer => $"[{string.Join(", ", answer.shape)}]")));
        for (var i = 0; i < answers.Length; i++)
        {
            if (_options.Outputs[i] == TorchScriptOutput.Logits) _feed.Check(answers[i].shape, given.size(0), _options.Path);
            if (_options.Outputs[i] != TorchScriptOutput.Other && !answers[i].is_floating_point()) throw new InvalidDataException(
                $"{_options.Path}: {_options.Outputs[i]} must be floating-point numbers; they are {answers[i].dtype}.");
        }
        return answers;
    }

    InvalidDataException Wrong(string came, Exception? inner = null) => new(
        $"{_options.Path} must give back {(_options.Outputs.Count == 1 ? "a tensor" : $"a tuple of {_options.Outputs.Count} tensors")} (the option \"outputs\" says "
        + $"{string.Join(", ", _options.Outputs).ToLowerInvariant()}); it gave back {came}.", inner);

    /// <summary>The line that says what went wrong, of a native message with a stack.</summary>
    static string Reason(ExternalException error)
    {
        const string Sign = "RuntimeError: ";
        var lines = error.Message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var told = lines.LastOrDefault(line => line.StartsWith(Sign, StringComparison.Ordinal));
        return (told is null ? lines.FirstOrDefault("no reason was given") : told[Sign.Length..]).TrimEnd('.') + ".";
    }

    static OutputSet Signal(TorchScriptOutput output) => output switch
    {
        TorchScriptOutput.Logits => Output.Logits,
        TorchScriptOutput.Embedding => Output.Embedding,
        TorchScriptOutput.Hidden => Output.HiddenStates,
        _ => OutputSet.None,
    };
}
