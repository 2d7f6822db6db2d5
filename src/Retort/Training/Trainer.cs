using Retort.Runtime.Metrics;
using Retort.Tensors.Files;
using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Training;

/// <summary>Drives a loss: batches in, a trained student out. Stopped and started again it ends with the same bits.</summary>
public sealed class Trainer : IDisposable
{
    readonly TrainingJob _job;
    readonly Network _student;
    readonly Optimizer _optimizer;
    readonly Needs _needs;
    readonly Sampler _sampler;
    readonly Prepared _prepared = new();
    readonly Tensor _position = zeros(1, dtype: ScalarType.Int64).DetachFromDisposeScope();   // steps done

    public Trainer(TrainingJob job)
    {
        (_job, _needs) = (job, job.Method.Needs);
        manual_seed(job.Seed);
        _student = Ownership.Built(job.Build);
        _sampler = new(job.Data.Count, job.Options.Batch, job.Seed);
        _optimizer = job.Options.Optimizer.Build([.. Named("student", _student), .. Named("method", job.Method.State)]);
    }

    /// <summary>Trains to the end and hands the network out.</summary>
    public Network Run(CancellationToken token)
    {
        Directory.CreateDirectory(_job.Folder);
        var file = Path.Combine(_job.Folder, "checkpoint.safetensors");
        if (File.Exists(file)) Resume(file);
        _student.train();
        _job.Method.State?.train();
        var (sum, since) = (0.0, 0);
        for (var step = _position.ToInt64(); step < _job.Steps;)
        {
            token.ThrowIfCancellationRequested();
            sum += Step(step++);
            since++;
            var ends = step % _job.StepsPerEpoch == 0 || step == _job.Steps;
            if (ends || step % _job.Options.CheckpointEvery == 0) Save(file, step);
            if (!ends) continue;
            var found = Predictions.Of(_student, _job.Validation);
            _job.Progress?.Report(new(_job.Part, step, _job.Steps, (int)(step / _job.StepsPerEpoch), (int)(_job.Steps / _job.StepsPerEpoch),
                sum / since, Accuracy.Of(found.Logits, found.Labels)));
            (sum, since) = (0, 0);
        }
        return _student;
    }

    double Step(long step)
    {
        using var scope = NewDisposeScope();                               // everything below dies here
        _optimizer.Clear();
        var (positions, pass) = _sampler.At(step);
        _job.Data.Prepare(positions, new View(_job.Seed, pass), _prepared);
        var batch = _prepared.ToBatch();

        var lesson = _needs.Teacher == Signals.None ? new Outputs() : _job.Teacher!.Teach(batch, _needs.Teacher);
        var answer = _student.Forward(batch.Inputs, _needs.Student);
        var loss = _job.Method.Loss(batch, lesson, answer).Total;          // []

        loss.backward();
        _optimizer.Step(_job.Options.LearningRate * _job.Options.Schedule.Factor(step, _job.Steps), _job.Options.Clip);
        using (no_grad()) _job.Method.AfterStep(batch, lesson, answer);
        return loss.ToSingle();
    }

    static IEnumerable<(string, TorchSharp.Modules.Parameter)> Named(string prefix, Module? module) =>
        module is null ? [] : module.named_parameters().Select(pair => ($"{prefix}/{pair.name}", pair.parameter));

    Dictionary<string, Tensor> State()
    {
        var parts = Checkpoint.Under("student", _student.state_dict()).Concat(Checkpoint.Under("optimizer", _optimizer.State));
        if (_job.Method.State is { } state) parts = parts.Concat(Checkpoint.Under("method", state.state_dict()));
        return new(parts) { ["position"] = _position };
    }

    void Save(string file, long step)
    {
        using var scope = NewDisposeScope();
        _position.fill_(step);
        Checkpoint.Write(file, State().Append(KeyValuePair.Create("chance", random.get_rng_state())));
    }

    void Resume(string file)
    {
        using var scope = NewDisposeScope();
        var found = SafeTensors.Read(file);
        Checkpoint.Load(State(), found, file);
        random.set_rng_state(found["chance"]);
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _position.Dispose();
    }
}
