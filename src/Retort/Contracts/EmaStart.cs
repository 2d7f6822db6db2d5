namespace Retort.Contracts;

/// <summary>The value of a moving average before the first step.</summary>
public enum EmaStart
{
    /// <summary>The student's initial weights.</summary>
    Copy,

    /// <summary>Initial weights of its own, of which 1 / (t + 1) remains after t steps.</summary>
    Independent,
}
