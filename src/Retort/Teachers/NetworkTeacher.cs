using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using static TorchSharp.torch;

namespace Retort.Teachers;

/// <summary>A network as a teacher: in eval mode, without gradient.</summary>
public sealed class NetworkTeacher : ITeacher
{
    readonly bool _owns;
    readonly Renormalization _renormalization;

    /// <param name="network">The teacher.</param>
    /// <param name="owns">Whether the network is disposed with the teacher.</param>
    public NetworkTeacher(Network network, bool owns) : this(network, owns, new([], own: null, CPU)) { }

    /// <summary>The same for batches in another normalization than the network's; the teacher owns it.</summary>
    internal NetworkTeacher(Network network, bool owns, Renormalization renormalization)
    {
        (Network, _owns, _renormalization) = (network, owns, renormalization);
        network.eval();
        foreach (var parameter in network.parameters()) parameter.requires_grad_(false);
    }

    /// <summary>The network itself: its costs and its latency are the teacher's.</summary>
    public Network Network { get; }

    public OutputSet AvailableOutputs => Network.AvailableOutputs;

    public Outputs Forward(Batch batch, OutputSet wanted)
    {
        if (Network.training) throw new InvalidOperationException(
            "The teacher was set to train mode: a teacher runs in eval mode, so leave its mode alone.");
        using var frozen = no_grad();
        using var scope = NewDisposeScope();                               // only the outputs outlive it
        var outputs = Network.Forward(_renormalization.Apply(batch.TeacherInputs), wanted);
        foreach (var tensor in outputs.Tensors) scope.MoveToOuter(tensor);
        return outputs;
    }

    /// <summary>Over the names and bits of all weights and buffers, and the teacher's own normalization.</summary>
    public string Fingerprint()
    {
        using var scope = NewDisposeScope();
        return FingerprintOf(Network.state_dict(), _renormalization.Own);
    }

    /// <summary>The fingerprint of a network with this state.</summary>
    internal static string FingerprintOf(IEnumerable<KeyValuePair<string, Tensor>> state, Normalization? normalization)
    {
        using var scope = NewDisposeScope();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, tensor) in state.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(name));
            hash.AppendData(tensor.detach().cpu().contiguous().bytes);
        }
        if (normalization is { } own) hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(own));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public void Dispose()
    {
        _renormalization.Dispose();
        if (_owns) Network.Dispose();
    }
}
