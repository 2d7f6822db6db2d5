using static TorchSharp.torch;

namespace Retort.Training;

/// <summary>
/// The student's moving average that a method requires. It does not affect the student: it has no gradient, and its
/// random numbers come from a stream of its own.
/// </summary>
sealed class StudentEma : IDisposable
{
    readonly Network _student;
    readonly Network _network;
    readonly ExponentialMovingAverage _average;
    readonly EmaSettings _settings;
    readonly int _seed;

    public StudentEma(TrainerConfig config, Network student, EmaSettings settings)
    {
        _student = student;
        _settings = settings;
        _seed = config.Seed;
        RandomStream.SeedTorch(config.Seed, StreamKey.Ema);
        _network = config.MakeNetwork();
        _average = ExponentialMovingAverage.OfParameters(
            student, _network, settings.Decay, copy: settings.Start == EmaStart.Copy, settings.WarmUp);
    }

    /// <summary>Its tensors, for the checkpoint.</summary>
    public IReadOnlyDictionary<string, Tensor> State => _network.state_dict();

    /// <summary>Its outputs before the step with this index, from 0.</summary>
    public Outputs Forward(Inputs inputs, OutputSet wanted, long step)
    {
        using var noGrad = no_grad();
        using var generator = random.get_rng_state();
        RandomStream.SeedTorch(_seed, StreamKey.Ema, step + 1);
        if (_settings.Mode == EmaMode.Train) _network.train();
        else UseStudentBuffers();
        var outputs = _network.Forward(inputs, wanted);
        random.set_rng_state(generator);
        return outputs;
    }

    /// <summary>Updates it after the optimizer's step with this index; at the first, 0, d is ½.</summary>
    public void Update(long step) => _average.Update(step + 1);

    public void Dispose() => _network.Dispose();

    void UseStudentBuffers()
    {
        var buffers = _network.named_buffers().ToDictionary(pair => pair.name, pair => pair.buffer);
        foreach (var (name, buffer) in _student.named_buffers()) buffers[name].copy_(buffer);
        _network.eval();
    }
}
