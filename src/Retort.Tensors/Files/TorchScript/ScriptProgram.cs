namespace Retort.Tensors.Files.TorchScript;

/// <summary>All classes and functions of an archive, by their full names.</summary>
sealed class ScriptProgram
{
    public Dictionary<string, ScriptClass> Classes { get; } = [];

    public Dictionary<string, ScriptFunction> Functions { get; } = [];
}
