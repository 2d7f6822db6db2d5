using System.Text;

namespace Retort.Cli.Display;

/// <summary>
/// Writes text for a terminal or a file without control characters except line ends and tabs, so that a name in a file
/// from outside cannot send commands to the terminal. In JSON the escapes mean the same characters.
/// </summary>
sealed class PlainTextWriter(TextWriter inner) : TextWriter
{
    /// <summary>What the text is written to.</summary>
    public TextWriter Inner => inner;

    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => Write([value], 0, 1);

    public override void Write(string? value)
    {
        if (value is not null) inner.Write(value.Printable());
    }

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void WriteLine(string? value) => Write(value + NewLine);

    public override void Flush() => inner.Flush();
}
