namespace Retort.Contracts;

/// <summary>How a score is written and compared.</summary>
public enum ScoreUnit
{
    /// <summary>A share from 0 to 1, shown in percent; differences are points.</summary>
    Percent,

    /// <summary>Nats.</summary>
    Nats,

    /// <summary>A number without a unit.</summary>
    Number,
}
