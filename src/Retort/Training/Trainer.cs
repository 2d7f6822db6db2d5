using static TorchSharp.torch;

namespace Retort.Training;

/// <summary>
/// Trains a student with a loss. A training that was stopped at any step, even killed, and is started again ends with
/// the same bits and, apart from times, with the same <c>metrics.jsonl</c>.
/// </summary>
/// <remarks>Owns the student and the method; the weights in its result live as long as the trainer.</remarks>
public sealed class Trainer : IDisposable
{
    readonly TrainerConfig _config;
    readonly Network _student;
    readonly Network? _average;                                             // of training.emaDecay
    readonly ExponentialMovingAverage? _averageUpdate;
    readonly DistillationLoss _method;
    readonly RequiredOutputs _required;
    readonly StudentEma? _ema;                                              // the average that the method requires
    readonly Optimizer _optimizer;
    readonly BestWeights _best;
    readonly LossMeter _losses = new();
    readonly MetricsLog _log;
    readonly string _checkpoint;
    readonly bool _reseeds;
    long _savedStep;                                                        // the step of the last checkpoint
    long _savedAt;                                                          // timestamps of the last checkpoint,
    long _epochStart;                                                       // of the epoch's start,
    long _reportedAt;                                                       // and of the last report of progress
    double _seconds;                                                        // of the epoch, before _epochStart
    double _waited;                                                         // of these, spent waiting for data

    /// <summary>Makes network, method and optimizer from the seed.</summary>
    public Trainer(TrainerConfig config)
    {
        OptionRules.Check(config.Options);
        _config = config;
        _reseeds = config.Device is { type: not DeviceType.CPU };
        RandomStream.SeedTorch(config.Seed, StreamKey.Weights);
        _student = config.MakeNetwork();
        if (config.TeacherValidation is { } teacher) config.Task.CheckWidth(
            Evaluator.Width(_student, config.Validation, config.Task.Output, config.Device), teacher.Width);
        if (config.Options.EmaDecay is { } decay)
        {
            _average = config.MakeNetwork();
            _averageUpdate = new(_student, _average, decay);
        }

        // the method's random numbers do not depend on how many the network has drawn, nor the training's on the method
        RandomStream.SeedTorch(config.Seed, StreamKey.Training);
        _method = config.MakeMethod(_student);
        _required = _method.Requires;
        if (!_required.Ema.IsEmpty) _ema = new(config, _student, _method.Ema);
        RandomStream.SeedTorch(config.Seed, StreamKey.Training);
        _optimizer = config.Options.Optimizer.Build(
            [.. _student.ParametersWithNames("student/"), .. _method.State?.ParametersWithNames("method/") ?? []]);
        _best = new(config.Task, Selected.state_dict());
        _checkpoint = Path.Combine(config.Folder, Checkpoint.FileName);
        _log = new(config.Folder, config.Options.Tensorboard ? new(config.Folder, config.Clock) : null);
    }

    /// <summary>The network that is validated and saved: the average where there is one.</summary>
    Network Selected => _average ?? _student;

    /// <summary>The loss, with the state that the steps so far left.</summary>
    internal DistillationLoss Method => _method;

    /// <summary>
    /// Trains to the end, or to <see cref="TrainerConfig.Until"/>. On cancellation it saves a checkpoint first.
    /// </summary>
    /// <exception cref="InvalidOperationException">The training changed its teacher.</exception>
    public TrainingResult Run(CancellationToken token) =>
        FrozenTeacher.Check(_config.Teacher, _config.Part, () => RunSteps(token));

    /// <summary>
    /// Computes the loss of the first batch and its gradient, so that a mistake in the loss is thrown before a long
    /// training. No weights are changed and no file is written; a trainer that has done this is not run.
    /// </summary>
    internal void TryFirstStep()
    {
        using var scope = NewDisposeScope();
        _student.train();
        _method.State?.train();
        var sampler = new Sampler(_config.Data, _config.Options.BatchSize, _config.Seed, _config.Parts);
        using var loader = new DataLoader(_config.Data, sampler, _config.Seed, 0, 1, threads: 0);
        using var secondViews = SecondViews(sampler, 0, 1, threads: 0);
        var batch = loader.Next().ToBatch(_config.Device, new(_config.Seed, StreamKey.Method, 0));
        using var autocast = Autocast.Enter(_config.Options.Arithmetic);
        var (_, _, terms) = Compute(batch, secondViews, 0);
        _losses.Add(terms);
        terms.Total.backward();
    }

    TrainingResult RunSteps(CancellationToken token)
    {
        Directory.CreateDirectory(_config.Folder);
        var firstStep = Resume();
        var step = firstStep;
        var end = Math.Min(_config.Until ?? _config.Steps, _config.Steps);
        _savedAt = _config.Clock.GetTimestamp();
        _epochStart = _config.Clock.GetTimestamp();
        _student.train();
        _average?.eval();
        _method.State?.train();
        var sampler = new Sampler(_config.Data, _config.Options.BatchSize, _config.Seed, _config.Parts);
        using var loader = new DataLoader(_config.Data, sampler, _config.Seed, step, end);
        using var secondViews = SecondViews(sampler, step, end);
        if (_config.Steps == 0) EndEpoch(0, loader);                        // an untrained control is evaluated too
        while (step < end)
        {
            if (token.IsCancellationRequested) Save(step, loader);
            token.ThrowIfCancellationRequested();
            Step(step++, loader, secondViews);
            if (step % _config.StepsPerEpoch == 0 || step == _config.Steps) EndEpoch(step, loader);
            else Report(step, score: null);
            if (step == end || Since(_savedAt) >= _config.Options.CheckpointSeconds) Save(step, loader);
        }
        return new(Selected, _best.Weights, _best.Step) { Steps = step - firstStep };
    }

    // null where the method requires none
    DataLoader? SecondViews(Sampler sampler, long from, long to, int threads = 1)
    {
        if (_required.SecondView.IsEmpty) return null;

        var seed = (long)(new RandomStream(_config.Seed, StreamKey.SecondView).Next() >> 1);
        return new(_config.Data, sampler, seed, from, to, threads);
    }

    void Step(long step, DataLoader loader, DataLoader? secondViews)
    {
        using var scope = NewDisposeScope();                                // disposes all tensors of the step
        if (_reseeds) RandomStream.SeedTorch(_config.Seed, StreamKey.Training, step);   // a GPU's state cannot be saved
        _optimizer.ZeroGrad();
        var batch = loader.Next().ToBatch(_config.Device, new(_config.Seed, StreamKey.Method, step));

        using var autocast = Autocast.Enter(_config.Options.Arithmetic);
        var (teacher, student, terms) = Compute(batch, secondViews, step);
        if (_losses.Add(terms) is { } term) throw Diverged(step + 1, $"the term \"{term}\" of the loss", batch);

        terms.Total.backward();
        _optimizer.Step(LearningRate(step), _config.Options.MaxGradientNorm);
        _averageUpdate?.Update(step);
        _ema?.Update(step);
        using (no_grad()) _method.AfterStep(batch, teacher, student);
    }

    (Outputs Teacher, Outputs Student, LossTerms Terms) Compute(Batch batch, DataLoader? secondViews, long step)
    {
        var teacher = _required.Teacher.IsEmpty ? new Outputs() : _config.Teacher!.Forward(batch, _required.Teacher);
        var student = _student.Forward(batch.Inputs, _required.Student);
        var ema = _ema?.Forward(batch.Inputs, _required.Ema, step);
        var second = secondViews is null ? null
            : _student.Forward(secondViews.Next().ToBatch(_config.Device).Inputs, _required.SecondView);
        if (ema is not null || second is not null) student = student.With(ema, second);
        return (teacher, student, _method.Compute(batch, teacher, student));
    }

    double LearningRate(long step) =>
        _config.Options.LearningRate * _config.Options.Scheduler.Factor(step, _config.Steps);

    void EndEpoch(long step, DataLoader loader)
    {
        var seconds = _seconds + Since(_epochStart);
        var predictions = Evaluator.Predict(Selected, _config.Validation, _config.Task.Output, _config.Device);
        if (!Array.TrueForAll(predictions.Values, float.IsFinite)) throw Diverged(step, "an output on validation");

        var scores = _config.Task.EvaluateEpoch(predictions, _config.TeacherValidation);
        if (_config.Options.SelectWeights == SelectedWeights.Best || step == _config.Steps)
            _best.Offer(Selected.state_dict(), step, scores);
        _log.Add(new()
        {
            Epoch = (int)((step + _config.StepsPerEpoch - 1) / _config.StepsPerEpoch),  // the last may be shorter
            Step = step,
            Loss = _losses.Means(),
            LearningRate = step == 0 ? 0 : LearningRate(step - 1),
            Validation = scores,
            Seconds = seconds,
            WaitShare = seconds > 0 ? Math.Min((loader.WaitSeconds + _waited) / seconds, 1) : 0,
        });
        var primary = _config.Task.Primary;
        Report(step, new(primary.Title, primary.Unit, scores[primary.Name]));
        _losses.Clear();
        _seconds = 0;
        _waited = -loader.WaitSeconds;
        _epochStart = _config.Clock.GetTimestamp();
    }

    /// <summary>Reports progress: at the end of each epoch, and within an epoch at most ten times a second.</summary>
    void Report(long step, ValidationScore? score)
    {
        if (_config.Progress is null || (score is null && Since(_reportedAt) < 0.1)) return;

        _reportedAt = _config.Clock.GetTimestamp();
        var epoch = (int)(step / _config.StepsPerEpoch);
        var epochs = (int)(_config.Steps / _config.StepsPerEpoch);
        _config.Progress.Report(new(_config.Part, step, _config.Steps, epoch, epochs, _losses.Mean, score));
    }

    double Since(long timestamp) => _config.Clock.GetElapsedTime(timestamp).TotalSeconds;

    // the prefixes are names in files: they must stay
    IEnumerable<KeyValuePair<string, Tensor>> State() =>
    [
        .. Checkpoint.Under("student", _student.state_dict()),
        .. Checkpoint.Under("average", _average?.state_dict() ?? []),
        .. Checkpoint.Under("asked", _ema?.State ?? new Dictionary<string, Tensor>()),
        .. Checkpoint.Under("method", _method.State?.state_dict() ?? []),
        .. Checkpoint.Under("optimizer", _optimizer.State),
        .. Checkpoint.Under("best", _best.Weights),
    ];

    IEnumerable<KeyValuePair<string, Tensor>> StateWith(Tensor generator) =>
        State().Append(KeyValuePair.Create(Checkpoint.GeneratorName, generator));

    void Save(long step, DataLoader loader)
    {
        using var scope = NewDisposeScope();
        if (Checkpoint.NotFinite(State().Select(pair => (pair.Key, pair.Value))) is { } name)
            throw Diverged(step, $"'{name}'");

        _log.Flush();
        Checkpoint.Write(_checkpoint, StateWith(random.get_rng_state()), new CheckpointState
        {
            RecipeHash = _config.RecipeHash,
            Threads = get_num_threads(),
            Step = step,
            BestStep = _best.Step,
            BestScores = _best.Scores,
            Sums = _losses.Sums,
            SumSteps = _losses.Steps,
            Seconds = _seconds + Since(_epochStart),
            Waited = loader.WaitSeconds + _waited,
            MetricsLength = _log.Length,
        });
        _savedStep = step;
        _savedAt = _config.Clock.GetTimestamp();
    }

    /// <summary>Restores the last checkpoint, if there is one; returns the steps that are done.</summary>
    long Resume()
    {
        if (!File.Exists(_checkpoint))
        {
            _log.Begin(0);
            return 0;
        }

        using var scope = NewDisposeScope();
        var (tensors, state) = Checkpoint.Read(_checkpoint, _config.RecipeHash, get_num_threads());
        Check(state);
        using var generator = random.get_rng_state();
        Checkpoint.Load(StateWith(generator), tensors, _checkpoint);
        Checkpoint.RestoreGenerator(generator, _checkpoint);
        _best.Restore(state.BestStep, state.BestScores);
        _losses.Restore(state.Sums, state.SumSteps);
        _log.Begin(state.MetricsLength);
        _seconds = state.Seconds;
        _waited = state.Waited;
        _savedStep = state.Step;
        return state.Step;
    }

    void Check(CheckpointState state)
    {
        if (state.Step > _config.Steps) throw new InvalidDataException(
            $"{_checkpoint} is at step {state.Step}; this training has {_config.Steps}.");
        if (state.BestStep == 0) return;

        Score?[] needed = [_config.Task.Primary, _config.Task.TieBreaker];
        foreach (var score in needed.OfType<Score>())
            if (!state.BestScores.ContainsKey(score.Name)) throw new InvalidDataException(
                $"{_checkpoint} must have the score \"{score.Name}\" of the best step; it has none.");
    }

    DivergedException Diverged(long step, string what, Batch? batch = null)
    {
        var saved = _savedStep == 0 ? "there is no good checkpoint before it"
            : $"the last good checkpoint, of step {_savedStep}, is kept in {_config.Folder}";
        var advice = batch is not null && Checkpoint.NotFinite(batch.Inputs.Parts) is { } input
            ? $"The batch's {input} are not finite to begin with: correct the data."
            : "A lower training.learningRate or a training.maxGradientNorm usually helps.";
        return new($"{_config.Part}: {what} is no longer a finite number at step {step} of {_config.Steps}; {saved}. "
            + advice);
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _best.Dispose();
        _ema?.Dispose();
        _method.Dispose();
        _average?.Dispose();
        _student.Dispose();
    }
}
