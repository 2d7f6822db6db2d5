namespace Retort.Contracts;

/// <summary>The mode of a moving average's forward.</summary>
public enum EmaMode
{
    /// <summary>
    /// Train mode: batch normalization uses the batch's statistics and keeps running ones of its own.
    /// </summary>
    Train,

    /// <summary>Eval mode with the student's running statistics.</summary>
    Eval,
}
