namespace Retort.Runtime;

/// <summary>The most likely class of an example.</summary>
/// <param name="Class">Index of the class.</param>
/// <param name="Name">Name of the class.</param>
/// <param name="Probability">From 0 to 1.</param>
public readonly record struct Prediction(int Class, string Name, float Probability);
