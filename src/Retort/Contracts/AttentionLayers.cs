namespace Retort.Contracts;

/// <summary>Which of the teacher's layers each of the student's attention layers is compared with.</summary>
public enum AttentionLayers
{
    /// <summary>
    /// The layers at equal shares of both depths: the student's layer j of S with the teacher's layer j · T / S of T,
    /// rounded, halves up, and at least 1. The last layer learns from the last.
    /// </summary>
    Uniform,

    /// <summary>
    /// The first layer with the first, the last with the last, and those between at equal distances: the student's
    /// layer j of S with the teacher's layer 1 + (j − 1) · (T − 1) / (S − 1) of T, rounded, halves up. A single layer
    /// learns from the last.
    /// </summary>
    FirstAndLast,
}
