using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Retort.Runs;
using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Teachers;

/// <summary>A network as a teacher: in eval mode, without gradient.</summary>
public sealed class NetworkTeacher : ITeacher
{
    readonly bool _owns;
    readonly Renormalization? _front;

    /// <param name="network">The teacher.</param>
    /// <param name="owns">Whether the network goes with the teacher.</param>
    public NetworkTeacher(Network network, bool owns) : this(network, owns, front: null) { }

    /// <summary>The same for numbers that were normalised otherwise; the front end goes with the teacher.</summary>
    internal NetworkTeacher(Network network, bool owns, Renormalization? front)
    {
        (Network, _owns, _front) = (network, owns, front);
        network.eval();
        foreach (var parameter in network.parameters()) parameter.requires_grad_(false);
    }

    /// <summary>The network itself: its costs and its latency are the teacher's.</summary>
    public Network Network { get; }

    public OutputSet AvailableOutputs => Network.AvailableOutputs;

    public Outputs Forward(Batch batch, OutputSet wanted)
    {
        if (Network.training) throw new InvalidOperationException(
            "The teacher was set to train mode: a teacher answers in eval mode, so leave its mode alone.");
        using var frozen = no_grad();
        using var scope = NewDisposeScope();                               // of the teacher's work only the answer lives on
        var answer = Network.Forward(Seen(batch.TeacherInputs), wanted);
        foreach (var tensor in answer.Tensors) scope.MoveToOuter(tensor);
        return answer;
    }

    /// <summary>Over the names and bits of all weights and buffers, and the normalization that is the teacher's own.</summary>
    public string Fingerprint()
    {
        using var scope = NewDisposeScope();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, tensor) in Network.state_dict().OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(name));
            hash.AppendData(tensor.detach().cpu().contiguous().bytes);
        }
        if (_front?.Own is { } own) hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(own));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public void Dispose()
    {
        _front?.Dispose();
        if (_owns) Network.Dispose();
    }

    Inputs Seen(Inputs given) => _front is null ? given : new([.. given.Parts.Select(part => (part.Name, _front.Apply(part.Value)))]);
}
