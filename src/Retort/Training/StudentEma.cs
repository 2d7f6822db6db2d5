using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Training;

/// <summary>
/// The student's moving average that a method asks about while it learns. It changes nothing of the student: it has no
/// gradient, and what it draws comes from a stream of its own.
/// </summary>
sealed class StudentEma : IDisposable
{
    readonly Network _student, _network;
    readonly ExponentialMovingAverage _follow;
    readonly EmaSettings _rule;
    readonly int _seed;

    public StudentEma(TrainerConfig config, Network student, EmaSettings rule)
    {
        (_student, _rule, _seed) = (student, rule, config.Seed);
        RandomStream.SeedTorch(config.Seed, StreamKey.Ema);
        _network = config.MakeNetwork();
        _follow = ExponentialMovingAverage.OfParameters(
            student, _network, rule.Decay, copy: rule.Start == EmaStart.Copy, rule.WarmUp);
    }

    /// <summary>For the checkpoint.</summary>
    public IReadOnlyDictionary<string, Tensor> State => _network.state_dict();

    /// <summary>Its answer before the step of this number (the first is 0).</summary>
    public Outputs Answer(Inputs inputs, OutputSet wanted, long step)
    {
        using var frozen = no_grad();
        using var chance = random.get_rng_state();
        RandomStream.SeedTorch(_seed, StreamKey.Ema, step + 1);
        if (_rule.Mode == EmaMode.Train) _network.train();
        else Deployed();
        var answer = _network.Forward(inputs, wanted);
        random.set_rng_state(chance);
        return answer;
    }

    /// <summary>After the optimizer's step; the first is 0, of which d is ½.</summary>
    public void Update(long step) => _follow.Update(step + 1);

    public void Dispose() => _network.Dispose();

    void Deployed()
    {
        var own = _network.named_buffers().ToDictionary(pair => pair.name, pair => pair.buffer);
        foreach (var (name, buffer) in _student.named_buffers()) own[name].copy_(buffer);
        _network.eval();
    }
}
