using System.CommandLine;

namespace Retort.Cli.Grammar;

/// <summary>A verb of the tool; its help ends with an example.</summary>
sealed class CommandWithExamples(string name, string description, params IReadOnlyList<string> examples) : Command(name, description)
{
    /// <summary>Whole command lines, as a person types them.</summary>
    public IReadOnlyList<string> Examples => examples;
}
