namespace Retort.Contracts.Learners;

/// <summary>
/// The learners of a run, which take turns, and how they did on the validation episodes while they learned.
/// </summary>
sealed class LearnerGroup : IDisposable
{
    /// <summary>The evaluations whose mean says which learner is the best at the end.</summary>
    const int Last = 3;

    readonly LearnerOptions _options;
    readonly ProcedureContext _context;
    readonly List<Learner> _learners;
    readonly HostNumbers _returns;                                          // [L × P]

    /// <param name="options">The learners.</param>
    /// <param name="context">The run.</param>
    /// <param name="count">How many learners there are.</param>
    /// <param name="window">How many of a learner's newest observations others draw from.</param>
    /// <param name="model">The policies; null for the recipe's student.</param>
    public LearnerGroup(LearnerOptions options, ProcedureContext context, int count = 1, int window = 0,
        ModelOptions? model = null)
    {
        (_options, _context) = (options, context);
        _learners = [.. Enumerable.Range(0, count).Select(i => options.NewLearner(new(context, i, window, model)))];
        Points = Math.Max(options.Steps / options.EvaluationInterval, 1);
        _returns = new(count * Points + count);                             // returns, then broken evaluations
    }

    /// <summary>The learners.</summary>
    public IReadOnlyList<Learner> Learners => _learners;

    /// <summary>How many evaluations of each there are.</summary>
    public int Points { get; }

    /// <summary>The steps of all learners together.</summary>
    public long Steps => (long)_options.Steps * _learners.Count;

    /// <summary>Called after an evaluation of the last learner, with its number.</summary>
    public Action<int> Evaluated { get; set; } = _ => { };

    /// <summary>The tensors of a checkpoint.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> State => _learners
        .SelectMany((learner, i) => learner.State.Select(
            pair => KeyValuePair.Create(Invariant($"{i}.{pair.Key}"), pair.Value)))
        .Append(new("returns", _returns.Tensor));

    /// <summary>One step of the learner whose turn it is; returns its loss.</summary>
    public double Step(long step)
    {
        var (index, own) = TurnAt(step, _options.Turn, _options.Steps, _learners.Count);
        _learners[index].Step(own);
        if (!double.IsFinite(_learners[index].Loss)) return double.NaN;

        var taken = own + 1;
        if (taken % _options.EvaluationInterval == 0 || taken == _options.Steps && Points * _options.EvaluationInterval
            > _options.Steps)
        {
            if (!IsFinite(_learners[index].Policy)) return double.NaN;

            Evaluate(index, (int)Math.Min((taken - 1) / _options.EvaluationInterval, Points - 1));
        }
        return _learners[index].Loss;
    }

    /// <summary>Whose turn a step is, and how many that learner has taken before.</summary>
    /// <param name="step">The step among all learners' steps.</param>
    /// <param name="turn">The steps of a turn.</param>
    /// <param name="steps">The steps of each learner; the last turn may be shorter.</param>
    /// <param name="count">How many learners there are.</param>
    internal static (int Index, long Own) TurnAt(long step, int turn, long steps, int count)
    {
        var round = step / ((long)turn * count);
        var before = round * turn;                                          // of each learner, before the round
        var length = Math.Min(turn, steps - before);
        var within = step - round * turn * count;
        return ((int)(within / length), before + within % length);
    }

    /// <summary>The learner with the best mean of the last evaluations; of equal ones the first.</summary>
    public int Best() => Enumerable.Range(0, _learners.Count).MaxBy(Final);

    /// <summary>The mean of a learner's last three evaluations.</summary>
    public double Final(int learner) => Returns(learner).TakeLast(Last).Average();

    /// <summary>The mean returns on the validation episodes over time.</summary>
    public IReadOnlyList<double> Returns(int learner) =>
        _returns.Values.Slice(learner * Points, Points).ToArray();

    /// <summary>The steps at which the evaluations were.</summary>
    public IReadOnlyList<double> At =>
        [.. Enumerable.Range(1, Points).Select(i => (double)Math.Min(i * _options.EvaluationInterval, _options.Steps))];

    /// <summary>The evaluations of each learner as curves.</summary>
    public IReadOnlyList<Curve> Curves() =>
    [
        .. _learners.Select((_, i) => CurveOf(_learners.Count == 1 ? "Mean return on validation"
            : Invariant($"Mean return on validation, learner {i + 1}"), Returns(i))),
    ];

    /// <summary>A curve over the evaluations.</summary>
    public Curve CurveOf(string name, IReadOnlyList<double> values) => new(name, At, values) { Axis = "steps" };

    /// <summary>What each learner reached, by name.</summary>
    public Dictionary<string, double> Figures()
    {
        var found = new Dictionary<string, double>();
        foreach (var (i, learner) in _learners.Index())
        {
            var end = _learners.Count == 1 ? "" : Invariant($"{i + 1}");
            found[$"finalReturn{end}"] = Final(i);
            found[$"meanReturn{end}"] = Returns(i).Average();               // the area under the curve
            if (learner.Broken > 0) found[$"brokenEpisodes{end}"] = learner.Broken;
            var evaluations = _returns.Values[_learners.Count * Points + i];
            if (evaluations > 0) found[$"brokenEvaluations{end}"] = evaluations;
        }
        if (_learners.Count == 1) return found;

        found["finalReturnMean"] = Enumerable.Range(0, _learners.Count).Average(Final);
        found["finalReturnBest"] = Enumerable.Range(0, _learners.Count).Max(Final);
        return found;
    }

    public void Dispose()
    {
        foreach (var learner in _learners) learner.Dispose();
        _returns.Dispose();
    }

    static bool IsFinite(Module policy) =>
        policy.parameters().All(parameter => parameter.isfinite().all().ToBoolean());

    void Evaluate(int index, int point)
    {
        using var frozen = torch.no_grad();
        var policy = _learners[index].Policy;
        var episodes = (EpisodeSplit)_context.Data.Validation;
        var returns = episodes.Returns(batch => policy.Forward(batch.Inputs, _context.Task.Output),
            _context.Task.Output, _context.Device, () => _returns.Values[_learners.Count * Points + index]++);
        _returns[index * Points + point] = returns.Values.Average(value => (double)value);
        if (index == _learners.Count - 1) Evaluated(point);
    }
}
