using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Training;

/// <summary>
/// Drives a loss: batches in, a trained student out. Stopped at any step (killed even) and started again it ends with
/// the same bits and the same <c>metrics.jsonl</c>, its seconds aside.
/// </summary>
/// <remarks>Owns the student and the method it makes; the weights it hands out live as long as it does.</remarks>
public sealed class Trainer : IDisposable
{
    readonly TrainerConfig _job;
    readonly Network _student;
    readonly Network? _average;
    readonly ExponentialMovingAverage? _follow;
    readonly DistillationLoss _method;
    readonly RequiredOutputs _needs;
    readonly StudentEma? _asked;                                         // the average that the method asks about; _average is handed out
    readonly Optimizer _optimizer;
    readonly BestWeights _best;
    readonly LossMeter _sums = new();
    readonly MetricsLog _log;
    readonly string _checkpoint;
    readonly bool _reseeds;
    long _saved;                                                           // step of the last checkpoint
    long _began;                                                           // timestamps: of the epoch,
    long _rested;                                                          // of the last checkpoint,
    long _told;                                                            // of the last report
    double _seconds;                                                       // of the epoch, before this process or without validation
    double _waited;

    /// <summary>Makes network, method and optimizer from the job's seed.</summary>
    public Trainer(TrainerConfig job)
    {
        OptionRules.Check(job.Options);
        (_job, _reseeds) = (job, job.Device is { type: not DeviceType.CPU });
        RandomStream.SeedTorch(job.Seed, StreamKey.Weights);
        _student = job.MakeNetwork();
        if (job.Options.EmaDecay is { } decay)
        {
            _average = job.MakeNetwork();
            _follow = new(_student, _average, decay);
        }
        RandomStream.SeedTorch(job.Seed, StreamKey.Training);                     // heads draw the same whatever the network drew
        _method = job.MakeMethod(_student);
        _needs = _method.Requires;
        if (!_needs.Ema.IsEmpty) _asked = new(job, _student, _method.Ema);
        RandomStream.SeedTorch(job.Seed, StreamKey.Training);                     // and what training draws, whatever the heads drew
        _optimizer = job.Options.Optimizer.Build([.. Named("student", _student), .. Named("method", _method.State)]);
        _best = new(job.Task, Answering.state_dict());
        _checkpoint = Path.Combine(job.Folder, "checkpoint.safetensors");
        _log = new(job.Folder, job.Options.Tensorboard ? new(job.Folder, job.Clock) : null);
    }

    /// <summary>Who is looked at on validation and handed out: the average where one is kept.</summary>
    Network Answering => _average ?? _student;

    /// <summary>Trains to the end, or as far as the job says. Cancelled, it saves a checkpoint first.</summary>
    public TrainingResult Run(CancellationToken token)
    {
        Directory.CreateDirectory(_job.Folder);
        var from = Resume();
        var (step, end) = (from, Math.Min(_job.Until ?? _job.Steps, _job.Steps));
        (_rested, _began) = (_job.Clock.GetTimestamp(), _job.Clock.GetTimestamp());
        _student.train();
        _average?.eval();
        _method.State?.train();
        using var loader = new DataLoader(_job.Data, new(_job.Data.Count, _job.Options.BatchSize, _job.Seed, _job.Parts), _job.Seed, step, end);
        if (_job.Steps == 0) EndEpoch(0, loader);                          // an untrained control is evaluated all the same
        while (step < end)
        {
            if (token.IsCancellationRequested) Save(step, loader);
            token.ThrowIfCancellationRequested();
            Step(step++, loader);
            if (step % _job.StepsPerEpoch == 0 || step == _job.Steps) EndEpoch(step, loader);
            else Tell(step, score: null);
            if (step == end || Since(_rested) >= _job.Options.CheckpointSeconds) Save(step, loader);
        }
        return new(Answering, _best.Weights, _best.Step) { Steps = step - from };
    }

    void Step(long step, DataLoader loader)
    {
        using var scope = NewDisposeScope();                               // everything below dies here
        if (_reseeds) RandomStream.SeedTorch(_job.Seed, StreamKey.Training, step);   // a GPU's generator cannot be saved
        _optimizer.ZeroGrad();
        var batch = loader.Next().ToBatch(_job.Device, new(_job.Seed, StreamKey.Method, step));

        using var arithmetic = Autocast.Enter(_job.Options.Arithmetic);
        var lesson = _needs.Teacher.IsEmpty ? new Outputs() : _job.Teacher!.Forward(batch, _needs.Teacher);
        var answer = _student.Forward(batch.Inputs, _needs.Student);
        if (_asked is not null) answer = answer.With(_asked.Answer(batch.Inputs, _needs.Ema, step));
        var terms = _method.Compute(batch, lesson, answer);
        if (_sums.Add(terms) is { } term) throw Diverged(step + 1, $"the term \"{term}\" of the loss", batch);

        terms.Total.backward();
        _optimizer.Step(LearningRate(step), _job.Options.MaxGradientNorm);
        _follow?.Update(step);
        _asked?.Update(step);
        using (no_grad()) _method.AfterStep(batch, lesson, answer);
    }

    double LearningRate(long step) => _job.Options.LearningRate * _job.Options.Scheduler.Factor(step, _job.Steps);

    void EndEpoch(long step, DataLoader loader)
    {
        var seconds = _seconds + Since(_began);
        var found = Evaluator.Predict(Answering, _job.Validation, _job.Task.Output, _job.Device);
        if (!Array.TrueForAll(found.Values, float.IsFinite)) throw Diverged(step, "an output on validation");
        var scores = _job.Task.EvaluateEpoch(found, _job.TeacherValidation);
        if (_job.Options.SelectWeights == SelectedWeights.Best || step == _job.Steps) _best.Offer(Answering.state_dict(), step, scores);
        _log.Add(new()
        {
            Epoch = (int)(step / _job.StepsPerEpoch), Step = step, Loss = _sums.Means(), LearningRate = step == 0 ? 0 : LearningRate(step - 1),
            Validation = scores, Seconds = seconds,
            WaitShare = seconds > 0 ? Math.Min((loader.WaitSeconds + _waited) / seconds, 1) : 0,
        });
        var primary = _job.Task.Primary;
        Tell(step, new(primary.Title, primary.Unit, scores[primary.Name]));
        _sums.Clear();
        (_seconds, _waited, _began) = (0, -loader.WaitSeconds, _job.Clock.GetTimestamp());
    }

    /// <summary>Says how far it is: each epoch, and at most ten times a second between.</summary>
    void Tell(long step, ValidationScore? score)
    {
        if (_job.Progress is null || (score is null && Since(_told) < 0.1)) return;
        _told = _job.Clock.GetTimestamp();
        _job.Progress.Report(new(_job.Part, step, _job.Steps, (int)(step / _job.StepsPerEpoch),
            (int)(_job.Steps / _job.StepsPerEpoch), _sums.Mean, score));
    }

    double Since(long timestamp) => _job.Clock.GetElapsedTime(timestamp).TotalSeconds;

    IEnumerable<KeyValuePair<string, Tensor>> State() =>
    [
        .. Checkpoint.Under("student", _student.state_dict()),
        .. Checkpoint.Under("average", _average?.state_dict() ?? []),
        .. Checkpoint.Under("asked", _asked?.State ?? new Dictionary<string, Tensor>()),
        .. Checkpoint.Under("method", _method.State?.state_dict() ?? []),
        .. Checkpoint.Under("optimizer", _optimizer.State),
        .. Checkpoint.Under("best", _best.Weights),
    ];

    void Save(long step, DataLoader loader)
    {
        using var scope = NewDisposeScope();
        if (Checkpoint.NotFinite(State().Select(pair => (pair.Key, pair.Value))) is { } name) throw Diverged(step, $"'{name}'");
        _log.Flush();
        Checkpoint.Write(_checkpoint, State().Append(KeyValuePair.Create("random", random.get_rng_state())), new CheckpointState
        {
            RecipeHash = _job.RecipeHash, Threads = get_num_threads(), Step = step,
            BestStep = _best.Step, BestScores = _best.Scores, Sums = _sums.Sums, SumSteps = _sums.Steps,
            Seconds = _seconds + Since(_began), Waited = loader.WaitSeconds + _waited, MetricsLength = _log.Length,
        });
        (_saved, _rested) = (step, _job.Clock.GetTimestamp());
    }

    /// <summary>Goes back to the last checkpoint, if there is one: the steps that are done.</summary>
    long Resume()
    {
        if (!File.Exists(_checkpoint))
        {
            _log.Begin(0);
            return 0;
        }
        using var scope = NewDisposeScope();
        var (tensors, place) = Checkpoint.Read(_checkpoint, _job.RecipeHash, get_num_threads());
        if (place.Step > _job.Steps) throw new InvalidDataException($"{_checkpoint} stands at step {place.Step}; this training has {_job.Steps}.");
        var task = _job.Task;
        foreach (var score in new[] { task.Primary, task.TieBreaker }.OfType<Score>())
            if (place.BestStep > 0 && !place.BestScores.ContainsKey(score.Name)) throw new InvalidDataException(
                $"{_checkpoint} must have the score \"{score.Name}\" of the best step; it has none.");
        using var chance = random.get_rng_state();
        Checkpoint.Load(State().Append(KeyValuePair.Create("random", chance)), tensors, _checkpoint);
        Checkpoint.RestoreGenerator(chance, _checkpoint);
        _best.Restore(place.BestStep, place.BestScores);
        _sums.Restore(place.Sums, place.SumSteps);
        _log.Begin(place.MetricsLength);
        (_seconds, _waited, _saved) = (place.Seconds, place.Waited, place.Step);
        return place.Step;
    }

    DivergedException Diverged(long step, string what, Batch? batch = null)
    {
        var kept = _saved == 0 ? "there is no good checkpoint before it" : $"the last good checkpoint, of step {_saved}, is kept in {_job.Folder}";
        var advice = batch is not null && Checkpoint.NotFinite(batch.Inputs.Parts) is { } input
            ? $"The batch's {input} are not finite to begin with: mend the data." : "A lower training.learningRate or a training.maxGradientNorm usually helps.";
        return new($"{_job.Part}: {what} is no longer a finite number at step {step} of {_job.Steps}; {kept}. {advice}");
    }

    static IEnumerable<(string, TorchSharp.Modules.Parameter)> Named(string prefix, Module? module) =>
        module is null ? [] : module.named_parameters().Select(pair => ($"{prefix}/{pair.name}", pair.parameter));

    /// <inheritdoc/>
    public void Dispose()
    {
        _optimizer.Dispose();
        _best.Dispose();
        _asked?.Dispose();
        _method.Dispose();
        _average?.Dispose();
        _student.Dispose();
    }
}
