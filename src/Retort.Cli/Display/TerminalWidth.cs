namespace Retort.Cli.Display;

/// <summary>The width of the terminal that a verb prints its result on.</summary>
static class TerminalWidth
{
    const int Fewest = 20;

    /// <summary>The columns of the terminal; null for a file or a pipe, and where the terminal does not say.</summary>
    public static int? Of(TextWriter output)
    {
        var isTerminal = output is PlainTextWriter { Inner: var inner } && ReferenceEquals(inner, Console.Out)
            && !Console.IsOutputRedirected;
        return isTerminal && Console.WindowWidth is > 0 and var columns ? Math.Max(columns, Fewest) : null;
    }
}
