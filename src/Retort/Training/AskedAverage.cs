using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Training;

/// <summary>
/// The student's moving average that a method asks about while it learns. It changes nothing of the student: it has no
/// gradient, and what it draws comes from a stream of its own.
/// </summary>
sealed class AskedAverage : IDisposable
{
    readonly Network _student, _network;
    readonly MovingAverage _follow;
    readonly MovingAverageRule _rule;
    readonly int _seed;

    public AskedAverage(TrainingJob job, Network student, MovingAverageRule rule)
    {
        (_student, _rule, _seed) = (student, rule, job.Seed);
        Chance.SeedEngine(job.Seed, Purpose.Average);
        _network = job.MakeNetwork();
        _follow = MovingAverage.OfParameters(student, _network, rule.Decay, copy: rule.Start == AverageStart.Copy);
    }

    /// <summary>For the checkpoint.</summary>
    public IReadOnlyDictionary<string, Tensor> State => _network.state_dict();

    /// <summary>Its answer before the step of this number (the first is 0).</summary>
    public Outputs Answer(Inputs inputs, Signals wanted, long step)
    {
        using var frozen = no_grad();
        using var chance = random.get_rng_state();
        Chance.SeedEngine(_seed, Purpose.Average, step + 1);
        if (_rule.Mode == AverageMode.Train) _network.train();
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
