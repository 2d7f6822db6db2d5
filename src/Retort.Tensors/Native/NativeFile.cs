namespace Retort.Tensors.Native;

/// <summary>A native library that was loaded.</summary>
/// <param name="Name">Its plain name, such as <c>torch_cpu</c>.</param>
/// <param name="Path">Its file.</param>
/// <param name="Origin">Why this file was chosen, such as "NuGet".</param>
public sealed record NativeFile(string Name, string Path, string Origin);
