namespace Retort.Data;

/// <summary>An example to predict.</summary>
/// <param name="Name">Its file; for a table or an IDX file followed by a colon and its line or index.</param>
/// <param name="Numbers">Pixels from 0 to 1, or the features of the table.</param>
public readonly record struct InferenceExample(string Name, float[] Numbers);
