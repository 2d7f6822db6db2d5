namespace Retort.Contracts;

/// <summary>What a step of an environment gave.</summary>
/// <param name="Reward">The reward.</param>
/// <param name="Terminated">Whether the episode has reached a state after which no reward comes.</param>
public readonly record struct StepOutcome(double Reward, bool Terminated);

/// <summary>
/// An environment of reinforcement learning: a state that actions change. It knows no time limit but states it;
/// <see cref="Episode"/> keeps to it.
/// </summary>
public abstract class ControlEnvironment : IDisposable
{
    /// <summary>Its name in messages.</summary>
    public abstract string Name { get; }

    /// <summary>The names of an observation's numbers.</summary>
    public abstract IReadOnlyList<string> Observations { get; }

    /// <summary>The actions.</summary>
    public abstract ActionSpace Actions { get; }

    /// <summary>The steps after which an episode is cut, without being at its end; at least 1.</summary>
    public abstract int TimeLimit { get; }

    /// <summary>
    /// Everything that steps change: it is saved in checkpoints, and written to go on from a saved state.
    /// </summary>
    public abstract Span<double> State { get; }

    /// <summary>Begins an episode in a random state.</summary>
    public abstract void Reset(ref RandomStream random);

    /// <summary>Takes one step. The caller has checked the action's size.</summary>
    /// <param name="action">The numbers, which may be outside of the bounds; of discrete actions the index.</param>
    public abstract StepOutcome Step(ReadOnlySpan<double> action);

    /// <summary>What a learner sees of the state.</summary>
    /// <param name="into">As long as <see cref="Observations"/>.</param>
    public abstract void Observe(Span<double> into);

    /// <summary>The state as shapes, for a drawing; null of an environment that is not drawn.</summary>
    public virtual EnvironmentPicture? Draw(double action) => null;

    /// <summary>Frees what is not managed memory, of an environment that has some.</summary>
    public virtual void Dispose() => GC.SuppressFinalize(this);
}
