namespace Retort.Contracts.Learners;

/// <summary>
/// Learns a stochastic policy from rollouts of its own: the probability of an action that did better than expected
/// rises, within a clip range.
/// </summary>
[Paper("ppo", "Schulman, Wolski, Dhariwal, Radford, Klimov, Proximal policy optimization algorithms, "
    + "arXiv:1707.06347", 2017)]
sealed class PpoLearner : Learner
{
    const double LeastVariance = 1e-8;
    const double RewardClip = 10;
    const int UpdatesDone = 0;
    const int Stored = 1;                                                   // steps since the last update
    const int Discounted = 2;                                               // the running discounted return

    readonly PpoOptions _options;
    readonly ValueNetwork _value;
    readonly Optimizer _optimizer;
    readonly RolloutLayout _layout;
    readonly StepBuffer _rollout;
    readonly StepBuffer? _window;
    readonly RunningStatistics? _returns;
    readonly HostNumbers _own = new(3);
    readonly float[] _action;                                               // the last one, in units
    float _logProbability;
    float _valueBefore;

    public PpoLearner(PpoOptions options, LearnerSetting setting)
        : base(setting, options.NormalizeObservations, LeastVariance)
    {
        _options = options;
        _action = new float[Actions.StepWidth];
        _layout = new(Width, _action.Length);
        setting.SeedWeights();
        _value = ModuleFactory.Create(() => new ValueNetwork(Width, options.ValueHidden));
        _value.to(setting.Context.Device);
        _optimizer = new Adam(
            [.. Policy.ParametersWithNames("policy."), .. _value.ParametersWithNames("value.")], new(Epsilon: 1e-5));
        _rollout = new(options.RolloutSteps, _layout.Width);
        _window = setting.Window == 0 ? null : new(setting.Window, Width);
        _returns = options.NormalizeRewards ? new(1, LeastVariance) : null;
    }

    public override IEnumerable<KeyValuePair<string, Tensor>> State
    {
        get
        {
            foreach (var pair in base.State) yield return pair;
            foreach (var (name, tensor) in _value.state_dict()) yield return new($"value.{name}", tensor);
            foreach (var (name, tensor) in _optimizer.State) yield return new($"adam.{name}", tensor);
            foreach (var (name, tensor) in _rollout.State) yield return new($"rollout.{name}", tensor);
            foreach (var (name, tensor) in _window?.State ?? []) yield return new($"window.{name}", tensor);
            if (_returns is not null) yield return new("returns", _returns.State);
            yield return new("own", _own.Tensor);
        }
    }

    /// <summary>The deviation of the returns, in whose units rewards and values are learned.</summary>
    double Scale => _returns?.Deviation()[0] ?? 1;

    public override bool HasObservations => _window is { Count: > 0 };

    public override Tensor DrawObservations(int batch, ref RandomStream random) =>
        _window!.Draw(batch, _window.Capacity, ref random).ToTensor(batch, Width).to(Setting.Context.Device);

    /// <inheritdoc/>
    /// <remarks>In reward units: the network's own value is in units of the returns' deviation.</remarks>
    public override Tensor Values(Tensor observations) =>
        _value.call(Policy.Standardized(observations)).Times(Scale);

    public override void Dispose()
    {
        base.Dispose();
        _value.Dispose();
        _optimizer.Dispose();
        _rollout.Dispose();
        _window?.Dispose();
        _returns?.Dispose();
        _own.Dispose();
    }

    private protected override void Choose(long step, ReadOnlySpan<double> observation, Span<double> action)
    {
        using var frozen = torch.no_grad();
        if (step % _options.RolloutSteps == 0) UseStatistics();             // the same ones for a rollout's updates
        var random = Setting.Random(StreamKey.Exploration, step);
        var standardized = Policy.Standardized(Row(observation).to(Setting.Context.Device));
        var unit = Policy.Unit(standardized);                               // [1, A]
        if (Policy.LogDeviation is { } log)
        {
            var (means, logs) = (unit.ToFloatArray(), log.ToFloatArray());
            for (var i = 0; i < means.Length; i++)
                _action[i] = (float)(means[i] + Math.Exp(logs[i]) * random.Normal());
            ToEnvironment(_action, action);
        }
        else action[0] = _action[0] = Drawn(unit.Softmax().ToFloatArray(), random.Uniform());
        var actions = _action.ToTensor(1, _action.Length).to(Setting.Context.Device);
        _logProbability = new ActionDistribution(Policy, unit).LogProbability(actions).ToSingle();
        _valueBefore = _value.call(standardized).ToSingle();
    }

    private protected override void Store(
        ReadOnlySpan<double> before, double reward, ReadOnlySpan<double> after, EpisodeEnd end)
    {
        using var frozen = torch.no_grad();
        var row = new float[_layout.Width];
        for (var i = 0; i < Width; i++) row[i] = (float)before[i];
        _action.CopyTo(row, Width);
        row[_layout.Reward] = (float)Normalized(reward);
        row[_layout.Value] = _valueBefore;
        row[_layout.Next] = end == EpisodeEnd.Terminated ? 0
            : _value.call(Policy.Standardized(Row(after).to(Setting.Context.Device))).ToSingle();
        row[_layout.LogProbability] = _logProbability;
        row[_layout.Episode] = EpisodesBegun;
        _rollout.Add(row);
        _window?.Add(row.AsSpan(0, Width));
        _own[Stored]++;
    }

    private protected override void EndEpisode(long step) => _own[Discounted] = 0;

    private protected override void Update(long steps)
    {
        if (steps % _options.RolloutSteps != 0) return;

        var count = (int)_own[Stored];
        if (count > 0)
        {
            var setting = new PpoSetting(_options.Epochs, _options.Minibatches, _options.LearningRate,
                _options.MaxGradientNorm, _options.ClipRange, _options.Discount, _options.Lambda,
                _options.EntropyWeight, _options.ValueWeight);
            var update = new PpoUpdate(setting, Policy, _value, _optimizer);
            Loss = update.Run(RowsOf(count), _layout, Setting.Random(StreamKey.Replay, (long)_own[UpdatesDone]));
        }
        _own[UpdatesDone]++;
        _own[Stored] = 0;
        AfterUpdate();
    }

    // the rollout in the order of its steps
    List<float[]> RowsOf(int count) =>
        [.. Enumerable.Range(0, count).Select(i => _rollout.Newest(count - 1 - i).ToArray())];

    double Normalized(double reward)
    {
        if (_returns is null) return reward;

        _own[Discounted] = _own[Discounted] * _options.Discount + reward;
        _returns.Add([_own[Discounted]]);
        return Math.Clamp(reward / _returns.Deviation()[0], -RewardClip, RewardClip);
    }

    static int Drawn(float[] probabilities, double uniform)
    {
        for (var i = 0; i < probabilities.Length - 1; i++)
        {
            if (uniform < probabilities[i]) return i;
            uniform -= probabilities[i];
        }
        return probabilities.Length - 1;
    }
}
