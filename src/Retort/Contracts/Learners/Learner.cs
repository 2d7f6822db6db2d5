namespace Retort.Contracts.Learners;

/// <summary>A learner in an environment of its own: step by step it acts, stores and updates its policy.</summary>
abstract class Learner : IDisposable
{
    const int Episodes = 0;
    const int StepsOfEpisode = 1;
    const int Sum = 2;
    const int BrokenEpisodes = 3;
    const int HasBegun = 4;
    const int FirstOfState = 5;

    readonly HostNumbers _numbers;
    readonly RunningStatistics? _statistics;
    readonly Episode _episode;

    private protected Learner(LearnerSetting setting, bool normalizes, double leastVariance)
    {
        Setting = setting;
        _episode = new(setting.NewEnvironment());
        Policy = setting.NewPolicy();
        _numbers = new(FirstOfState + Environment.State.Length);
        _statistics = normalizes ? new(Width, leastVariance) : null;
    }

    /// <summary>What it is made for.</summary>
    public LearnerSetting Setting { get; }

    /// <summary>The policy that is trained.</summary>
    public PolicyNetwork Policy { get; }

    /// <summary>What is done after an update of the policy: distillation.</summary>
    public Action AfterUpdate { get; set; } = () => { };

    /// <summary>The last loss of an update.</summary>
    public double Loss { get; private protected set; }

    /// <summary>Episodes that ended since the environment gave a number that is not finite.</summary>
    public int Broken => (int)_numbers[BrokenEpisodes];

    /// <summary>The tensors of a checkpoint.</summary>
    public virtual IEnumerable<KeyValuePair<string, Tensor>> State
    {
        get
        {
            yield return new("episode", _numbers.Tensor);
            if (_statistics is not null) yield return new("statistics", _statistics.State);
            foreach (var (name, tensor) in Policy.state_dict()) yield return new($"policy.{name}", tensor);
        }
    }

    /// <summary>Whether there are observations that others can learn from.</summary>
    public abstract bool HasObservations { get; }

    /// <summary>The observations that others learn from, drawn from the newest. [B, D]</summary>
    public abstract Tensor DrawObservations(int batch, ref RandomStream random);

    /// <summary>V of observations, in the environment's reward units. [B, D] → [B]</summary>
    public abstract Tensor Values(Tensor observations);

    /// <summary>Q of observations and unit actions, in the same units; null of a learner without. → [B]</summary>
    public virtual Tensor? Qualities(Tensor observations, Tensor actions) => null;

    /// <summary>What the policy does, from raw observations. [B, D] → [B, A]</summary>
    public Tensor Act(Tensor observations) => Policy.Unit(Policy.Standardized(observations));

    /// <summary>Takes one step, and the updates that are due after it.</summary>
    /// <param name="step">The number of this learner's steps before.</param>
    public void Step(long step)
    {
        Continue();
        Span<double> before = stackalloc double[Width];
        _episode.Observation.CopyTo(before);
        Span<double> action = stackalloc double[Actions.StepWidth];
        Choose(step, before, action);
        foreach (var number in action)
            if (!double.IsFinite(number))
            {
                Loss = double.NaN;                                          // the policy has diverged
                return;
            }
        var (reward, end) = _episode.Step(action);
        if (end != EpisodeEnd.Broken) Store(before, reward, _episode.Observation, end);
        Save(end);
        if (end != EpisodeEnd.None) EndEpisode(step);
        UpdateStatistics(before);
        Update(step + 1);
    }

    public virtual void Dispose()
    {
        Environment.Dispose();
        Policy.Dispose();
        _numbers.Dispose();
        _statistics?.Dispose();
    }

    private protected ControlEnvironment Environment => _episode.Environment;

    private protected ActionSpace Actions => Environment.Actions;

    private protected int Width => Environment.Observations.Count;

    private protected int EpisodesBegun => (int)_numbers[Episodes];

    /// <summary>Chooses an action for the environment, and keeps what is needed to store it.</summary>
    private protected abstract void Choose(long step, ReadOnlySpan<double> observation, Span<double> action);

    /// <summary>Stores a step.</summary>
    private protected abstract void Store(
        ReadOnlySpan<double> before, double reward, ReadOnlySpan<double> after, EpisodeEnd end);

    /// <summary>Called at the end of an episode.</summary>
    private protected abstract void EndEpisode(long step);

    /// <summary>The updates that are due after so many steps.</summary>
    private protected abstract void Update(long steps);

    /// <summary>Sets the policy's statistics to those of all observations so far.</summary>
    private protected void UseStatistics()
    {
        if (_statistics is not null) Policy.SetStatistics(_statistics.Mean(), _statistics.Deviation());
    }

    /// <summary>One observation. [1, D]</summary>
    private protected static Tensor Row(ReadOnlySpan<double> observation)
    {
        var row = new float[observation.Length];
        for (var i = 0; i < row.Length; i++) row[i] = (float)observation[i];
        return row.ToTensor(1, row.Length);
    }

    /// <summary>A unit action in the environment's units.</summary>
    private protected void ToEnvironment(ReadOnlySpan<float> unit, Span<double> action)
    {
        for (var i = 0; i < action.Length; i++)
        {
            var (low, high) = (Actions.Low![i], Actions.High![i]);
            action[i] = (low + high) / 2 + Math.Clamp(unit[i], -1, 1) * (high - low) / 2;
        }
    }

    // the environment and the sums are what the last checkpoint or the last step left
    void Continue()
    {
        if (_numbers[HasBegun] == 0)
        {
            _episode.Begin(Setting.Random(StreamKey.Episode, EpisodesBegun));
            _numbers[Episodes]++;
            _numbers[HasBegun] = 1;
            return;
        }
        _numbers.Values[FirstOfState..].CopyTo(Environment.State);
        _episode.Continue((int)_numbers[StepsOfEpisode], _numbers[Sum]);
    }

    void Save(EpisodeEnd end)
    {
        var numbers = _numbers.Values;
        (numbers[StepsOfEpisode], numbers[Sum]) = (_episode.Steps, _episode.Return);
        numbers[HasBegun] = end == EpisodeEnd.None ? 1 : 0;
        if (end == EpisodeEnd.Broken) numbers[BrokenEpisodes]++;
        if (end == EpisodeEnd.None) Environment.State.CopyTo(numbers[FirstOfState..]);
    }

    void UpdateStatistics(ReadOnlySpan<double> observation) => _statistics?.Add(observation);
}
