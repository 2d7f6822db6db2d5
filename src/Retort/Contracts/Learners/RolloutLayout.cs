namespace Retort.Contracts.Learners;

/// <summary>Where a rollout's row has what: observation, action, then single numbers.</summary>
/// <param name="Observation">D.</param>
/// <param name="Action">Numbers of an action; 1 of discrete ones.</param>
readonly record struct RolloutLayout(int Observation, int Action)
{
    /// <summary>The reward that is learned from.</summary>
    public int Reward => Observation + Action;

    /// <summary>V of the state acted in.</summary>
    public int Value => Reward + 1;

    /// <summary>V of the state reached; 0 of one that ended its episode, but not by a time limit.</summary>
    public int Next => Reward + 2;

    /// <summary>log π of the action.</summary>
    public int LogProbability => Reward + 3;

    /// <summary>The episode's number.</summary>
    public int Episode => Reward + 4;

    /// <summary>The numbers of a row.</summary>
    public int Width => Reward + 5;
}
