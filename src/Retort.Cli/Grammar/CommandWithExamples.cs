using System.CommandLine;

namespace Retort.Cli.Grammar;

/// <summary>A verb whose help ends with examples.</summary>
sealed class CommandWithExamples(string name, string description, params IReadOnlyList<string> examples)
    : Command(name, description)
{
    /// <summary>Complete command lines.</summary>
    public IReadOnlyList<string> Examples => examples;
}
