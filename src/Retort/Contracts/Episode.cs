namespace Retort.Contracts;

/// <summary>How a step ended an episode.</summary>
public enum EpisodeEnd
{
    /// <summary>It did not.</summary>
    None,

    /// <summary>The environment ended it: no reward comes after.</summary>
    Terminated,

    /// <summary>The time limit cut it: rewards would have come after, so that values continue.</summary>
    TimeLimit,

    /// <summary>
    /// The environment gave a reward or an observation that is not finite: the step does not count.
    /// </summary>
    Broken,
}

/// <summary>What a step of an episode gave.</summary>
/// <param name="Reward">The reward; 0 of a broken step.</param>
/// <param name="End">Whether and how the episode is over.</param>
public readonly record struct EpisodeStep(double Reward, EpisodeEnd End);

/// <summary>Runs an environment episode by episode, with its time limit, and adds up the rewards.</summary>
public sealed class Episode
{
    readonly ControlEnvironment _environment;

    /// <param name="environment">The environment, which this episode alone steps.</param>
    public Episode(ControlEnvironment environment)
    {
        _environment = environment;
        Observation = new double[environment.Observations.Count];
    }

    /// <summary>What a learner sees now.</summary>
    public double[] Observation { get; }

    /// <summary>The steps since the beginning.</summary>
    public int Steps { get; private set; }

    /// <summary>The sum of the rewards since the beginning.</summary>
    public double Return { get; private set; }

    /// <summary>The environment.</summary>
    public ControlEnvironment Environment => _environment;

    /// <summary>Begins an episode.</summary>
    /// <exception cref="InvalidOperationException">The first observation is not finite.</exception>
    public void Begin(RandomStream random)
    {
        _environment.Reset(ref random);
        Continue(0, 0);
        if (!IsFinite()) throw new InvalidOperationException(
            $"The environment \"{_environment.Name}\" begins an episode with an observation that is not finite.");
    }

    /// <summary>Goes on from the environment's present state, as after a checkpoint.</summary>
    public void Continue(int steps, double sum)
    {
        (Steps, Return) = (steps, sum);
        _environment.Observe(Observation);
    }

    /// <summary>Takes one step.</summary>
    /// <exception cref="ArgumentException">The action has the wrong size, or is no action.</exception>
    public EpisodeStep Step(ReadOnlySpan<double> action)
    {
        Check(action);
        var (reward, terminated) = _environment.Step(action);
        _environment.Observe(Observation);
        if (!double.IsFinite(reward) || !IsFinite()) return new(0, EpisodeEnd.Broken);

        Steps++;
        Return += reward;
        var isCut = _environment.TimeLimit > 0 && Steps >= _environment.TimeLimit;
        return new(reward, terminated ? EpisodeEnd.Terminated : isCut ? EpisodeEnd.TimeLimit : EpisodeEnd.None);
    }

    /// <summary>Refuses the return of an episode that ended since its numbers are not finite.</summary>
    /// <exception cref="InvalidDataException">It did.</exception>
    public void CheckHasReturn(EpisodeEnd end)
    {
        if (end == EpisodeEnd.Broken) throw new InvalidDataException(Invariant(
            $"An evaluated episode of \"{_environment.Name}\" must have finite states and rewards; after step {Steps} ")
            + "one is NaN or infinite, so that it has no return.");
    }

    bool IsFinite()
    {
        foreach (var value in Observation)
            if (!double.IsFinite(value)) return false;
        return true;
    }

    void Check(ReadOnlySpan<double> action)
    {
        var space = _environment.Actions;
        if (action.Length != space.StepWidth) throw new ArgumentException(Invariant(
            $"An action of \"{_environment.Name}\" has {space.StepWidth} number(s); {action.Length} came."),
            nameof(action));
        foreach (var number in action)
            if (!double.IsFinite(number)) throw new ArgumentException(Invariant(
                $"An action of \"{_environment.Name}\" must be finite; {number} came."), nameof(action));
        if (!space.IsContinuous && (action[0] != Math.Floor(action[0]) || action[0] < 0 || action[0] >= space.Width))
            throw new ArgumentException(Invariant(
                $"An action of \"{_environment.Name}\" is a whole number from 0 to {space.Width - 1}; ")
                + Invariant($"{action[0]} came."), nameof(action));
    }
}
