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
        using var frozen = no_grad();
        return _network.Forward(batch.TeacherInputs, wanted);
    }

    public void Dispose()
    {
        if (_owns) _network.Dispose();
    }
}
