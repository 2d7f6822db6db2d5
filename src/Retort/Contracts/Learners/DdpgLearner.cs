using static Retort.Contracts.Learners.DdpgOptions;

namespace Retort.Contracts.Learners;

/// <summary>
/// Learns a deterministic policy from stored steps: a critic learns their values, and the policy climbs the critic.
/// </summary>
[Paper("ddpg", "Lillicrap, Hunt, Pritzel, Heess, Erez, Tassa, Silver, Wierstra, Continuous control with deep "
    + "reinforcement learning, ICLR 2016, arXiv:1509.02971", 2016)]
sealed class DdpgLearner : Learner
{
    const int AdaptInterval = 50;
    const double LeastVariance = 0.01;
    const double OuRate = 0.15;
    const double OuTime = 0.01;
    const int UpdatesDone = 0;
    const int FirstOfNoise = 1;

    readonly DdpgOptions _options;
    readonly Critic _critic;
    readonly PolicyNetwork _targetPolicy;
    readonly Critic _targetCritic;
    readonly Optimizer _actorOptimizer;
    readonly Optimizer _criticOptimizer;
    readonly ParameterNoise? _noise;
    readonly StepBuffer _replay;
    readonly HostNumbers _own;                                              // updates, OU noise
    readonly float[] _unit;                                                 // the last action, in units

    public DdpgLearner(DdpgOptions options, LearnerSetting setting)
        : base(setting, options.NormalizeObservations, LeastVariance)
    {
        _options = options;
        var actions = Actions.Width;
        _unit = new float[actions];
        setting.SeedWeights();
        _critic = ModuleFactory.Create(() => new Critic(Width, actions, options.CriticHidden));
        _targetCritic = ModuleFactory.Create(() => new Critic(Width, actions, options.CriticHidden));
        _critic.to(setting.Context.Device);
        _targetCritic.to(setting.Context.Device);
        _targetPolicy = setting.NewPolicy();
        Copy(_critic, _targetCritic);
        _actorOptimizer = new Adam(Policy.ParametersWithNames());
        _criticOptimizer = new Adam(_critic.ParametersWithNames());
        _noise = options.Exploration == ExplorationKind.Parameters
            ? new(Policy, setting.NewPolicy(), options.Noise) : null;
        _replay = new(Math.Min(options.ReplaySize, options.Steps), 2 * Width + actions + 2);
        _own = new(FirstOfNoise + actions);
    }

    public override IEnumerable<KeyValuePair<string, Tensor>> State => base.State
        .Concat(Named("critic", _critic.state_dict()))
        .Concat(Named("target-critic", _targetCritic.state_dict()))
        .Concat(Named("target-policy", _targetPolicy.state_dict()))
        .Concat(Named("actor-adam", _actorOptimizer.State))
        .Concat(Named("critic-adam", _criticOptimizer.State))
        .Concat(_noise?.State ?? [])
        .Concat(_replay.State)
        .Append(new("own", _own.Tensor));

    public override bool HasObservations => _replay.Count > 0;

    public override Tensor DrawObservations(int batch, ref RandomStream random)
    {
        var rows = _replay.Draw(batch, Setting.Window, ref random).ToTensor(batch, _replay.Width);
        return rows.Slice(1, 0, Width).to(Setting.Context.Device);          // [B, D]
    }

    /// <inheritdoc/>
    /// <remarks>The critic's value of the policy's own action.</remarks>
    public override Tensor Values(Tensor observations) => Qualities(observations, Act(observations));

    public override Tensor Qualities(Tensor observations, Tensor actions) =>
        _critic.call(Policy.Standardized(observations), actions).Times(1 / _options.RewardScale);

    public override void Dispose()
    {
        base.Dispose();
        _critic.Dispose();
        _targetCritic.Dispose();
        _targetPolicy.Dispose();
        _actorOptimizer.Dispose();
        _criticOptimizer.Dispose();
        _noise?.Dispose();
        _replay.Dispose();
        _own.Dispose();
    }

    private protected override void Choose(long step, ReadOnlySpan<double> observation, Span<double> action)
    {
        var random = Setting.Random(StreamKey.Exploration, step);
        if (step < _options.WarmUpSteps)
        {
            for (var i = 0; i < _unit.Length; i++) _unit[i] = (float)random.Uniform(-1, 1);
            ToEnvironment(_unit, action);
            return;
        }
        using var frozen = torch.no_grad();
        UseStatistics();
        if (_noise is not null && step == _options.WarmUpSteps) _noise.Perturb(random);
        var acting = _noise?.Perturbed ?? Policy;
        acting.Unit(Policy.Standardized(Row(observation).to(Setting.Context.Device))).ToFloatArray().CopyTo(_unit, 0);
        for (var i = 0; i < _unit.Length; i++) _unit[i] = (float)Math.Clamp(_unit[i] + Added(i, ref random), -1, 1);
        ToEnvironment(_unit, action);
    }

    private protected override void Store(
        ReadOnlySpan<double> before, double reward, ReadOnlySpan<double> after, EpisodeEnd end)
    {
        var row = new float[_replay.Width];
        for (var i = 0; i < Width; i++)
        {
            row[i] = (float)before[i];
            row[^(Width - i)] = (float)after[i];
        }
        _unit.CopyTo(row, Width);
        row[Width + _unit.Length] = (float)(reward * _options.RewardScale);
        row[Width + _unit.Length + 1] = end == EpisodeEnd.Terminated ? 1 : 0;   // a time limit is no end
        _replay.Add(row);
    }

    private protected override void EndEpisode(long step)
    {
        _own.Values[FirstOfNoise..].Clear();
        _noise?.Perturb(Setting.Random(StreamKey.Exploration, -1 - step));
    }

    private protected override void Update(long steps)
    {
        if (steps <= _options.WarmUpSteps || steps % _options.CollectSteps != 0) return;

        UseStatistics();
        for (var i = 0; i < _options.Updates; i++)
        {
            using var scope = torch.NewDisposeScope();
            UpdateOnce();
        }
    }

    void UpdateOnce()
    {
        var update = (long)_own[UpdatesDone]++;
        var random = Setting.Random(StreamKey.Replay, update);
        var batch = _options.BatchSize;
        var rows = _replay.Draw(batch, int.MaxValue, ref random).ToTensor(batch, _replay.Width)
            .to(Setting.Context.Device);
        var (action, reward) = (Width, Width + _unit.Length);
        var observations = rows.Slice(1, 0, action);                        // [B, D]
        if (_noise is not null && update % AdaptInterval == 0)
            _noise.Adapt(observations, Setting.Random(StreamKey.Exploration, long.MinValue + update));

        var s = Policy.Standardized(observations);
        var y = Target(rows.Slice(1, reward, reward + 1).squeeze(1), rows.Slice(1, reward + 1, reward + 2).squeeze(1),
            Policy.Standardized(rows.Slice(1, reward + 2, _replay.Width)));
        _criticOptimizer.ZeroGrad();
        var error = _critic.call(s, rows.Slice(1, action, reward)).Subtract(y).Squared().mean();
        var loss = _options.CriticDecay == 0 ? error
            : error.Add(_critic.HalfSquares().Times(_options.CriticDecay));
        loss.backward();
        _criticOptimizer.Step(_options.CriticLearningRate);

        _actorOptimizer.ZeroGrad();
        _critic.call(s, Policy.Unit(s)).mean().Times(-1).backward();
        _actorOptimizer.Step(_options.ActorLearningRate);
        Loss = error.ToSingle();
        AfterUpdate();
        SoftUpdate(_critic, _targetCritic, _options.TargetRate);
        SoftUpdate(Policy, _targetPolicy, _options.TargetRate);
    }

    /// <summary>y = r + γ (1 − d) Q'(s', π'(s')). [B], [B], [B, D] → [B]</summary>
    Tensor Target(Tensor reward, Tensor terminated, Tensor next)
    {
        using var frozen = torch.no_grad();
        return Target(reward, terminated, _targetCritic.call(next, _targetPolicy.Unit(next)), _options.Discount);
    }

    /// <summary>y = r + γ (1 − d) Q'. Each [B]</summary>
    internal static Tensor Target(Tensor reward, Tensor terminated, Tensor value, double discount) =>
        reward.Add(terminated.Times(-1).Add(1).Times(value).Times(discount));

    /// <summary>θ' ← (1 − τ) θ' + τ θ.</summary>
    internal static void SoftUpdate(Module from, Module to, double rate)
    {
        using var frozen = torch.no_grad();
        foreach (var (source, target) in from.parameters().Zip(to.parameters()))
        {
            using var scope = torch.NewDisposeScope();
            target.copy_(target.Times(1 - rate).Add(source.Times(rate)));
        }
    }

    static void Copy(Module from, Module to) => SoftUpdate(from, to, 1);

    // Gaussian or OU noise; none where the weights are varied
    double Added(int i, ref RandomStream random)
    {
        if (_options.Exploration == ExplorationKind.Parameters) return 0;

        var drawn = _options.Noise * random.Normal();
        if (_options.Exploration == ExplorationKind.Gaussian) return drawn;

        return _own[FirstOfNoise + i] = NextOu(_own[FirstOfNoise + i], drawn);
    }

    /// <summary>x ← x − θ x dt + √dt σ ε, with θ = 0.15 and dt = 0.01.</summary>
    internal static double NextOu(double noise, double drawn) =>
        noise - OuRate * noise * OuTime + Math.Sqrt(OuTime) * drawn;

    static IEnumerable<KeyValuePair<string, Tensor>> Named(
        string prefix, IEnumerable<KeyValuePair<string, Tensor>> tensors) =>
        tensors.Select(pair => KeyValuePair.Create($"{prefix}.{pair.Key}", pair.Value));
}
