using System.Security.Cryptography;
using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Training;

/// <summary>A network as a teacher: in eval mode, without gradient.</summary>
public sealed class FrozenNetwork : ITeacher
{
    readonly Network _network;
    readonly bool _owns;

    /// <param name="network">The teacher.</param>
    /// <param name="owns">Whether the network goes with the teacher.</param>
    public FrozenNetwork(Network network, bool owns)
    {
        (_network, _owns) = (network, owns);
        _network.eval();
        foreach (var parameter in _network.parameters()) parameter.requires_grad_(false);
    }

    public Signals Offers => _network.Offers;

    public Outputs Teach(Batch batch, Signals wanted)
    {
        if (_network.training) throw new InvalidOperationException(
            "The teacher was set to train mode: a teacher answers in eval mode, so leave its mode alone.");
        using var frozen = no_grad();
        using var scope = NewDisposeScope();                               // of the teacher's work only the answer lives on
        var answer = _network.Forward(batch.TeacherInputs, wanted);
        foreach (var tensor in answer.Tensors) scope.MoveToOuter(tensor);
        return answer;
    }

    /// <summary>SHA-256 over the names and bits of all weights and buffers: the same before and after it has taught.</summary>
    public string Hash()
    {
        using var scope = NewDisposeScope();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, tensor) in _network.state_dict().OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(name));
            hash.AppendData(tensor.detach().cpu().contiguous().bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public void Dispose()
    {
        if (_owns) _network.Dispose();
    }
}
