using Retort.Cli.Display;
using Retort.Report;

namespace Retort.Tests.Cli;

/// <summary>Names from files cannot send commands to a terminal, nor forge lines.</summary>
public sealed class PlainTextTests
{
    [Theory]
    [InlineData("\e[31mred\a", "\\u001b[31mred\\u0007")]
    [InlineData("a\0b", "a\\u0000b")]
    [InlineData("\u202egnp.exe", "\\u202egnp.exe")]
    [InlineData("\u2067x\u2069", "\\u2067x\\u2069")]
    [InlineData("over\rwritten", "over\\u000dwritten")]
    [InlineData("two\r\nlines\tand a tab\n", "two\r\nlines\tand a tab\n")]
    [InlineData("日本", "日本")]
    public void The_console_gets_no_control_characters(string text, string expected)
    {
        var console = new StringWriter();
        using (var writer = new PlainTextWriter(console)) writer.Write(text);
        Assert.Equal(expected, console.ToString());
        Assert.Equal(expected, $"{Html.Of($"{text}")}");
    }

    [Fact] // of 200 characters
    public void A_long_name_is_cut_in_a_table_and_its_line_ends_are_shown()
    {
        var lines = PlainTable.Lines(["name", "n"], 1, [[new string('x', 10_000), "1"], ["a\nb", "2"]]).ToList();
        Assert.Equal(new string('x', 199) + "…  1", lines[1]);
        Assert.Equal("a\\u000ab" + new string(' ', 192) + "  2", lines[2]);
        Assert.Equal(3, lines.Count);
    }
}
