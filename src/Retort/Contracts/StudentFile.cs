namespace Retort.Contracts;

/// <summary>A file that a deployed student needs beside its graph, such as the vocabulary of its tokenizer.</summary>
/// <param name="Name">Its name in the student's folder.</param>
/// <param name="Content">Its bytes.</param>
public sealed record StudentFile(string Name, byte[] Content);
