using System.Text;
using Retort.Contracts.Sections;

namespace Retort.Report;

/// <summary>Writes a document as Markdown: its text and tables, and tables in place of charts that have one.</summary>
static class MarkdownWriter
{
    public static string Write(Document document)
    {
        List<string> lines = [$"# {Escape($"{document.Title} {document.Subtitle}")}", ""];
        foreach (var section in document.Sections)
        {
            List<string> body = [.. section.Blocks.SelectMany(Lines)];
            if (body.Count == 0) continue;

            if (section.Title.Length > 0) lines.AddRange($"## {Escape(Title(section))}", "");
            lines.AddRange(body);
        }
        return string.Join('\n', lines[..^1]) + "\n";
    }

    static string Title(Section section) =>
        section.Badge is { } badge ? $"{section.Title}: {badge.Text}" : section.Title;

    // each with an empty line after it
    static IEnumerable<string> Lines(Block block) => block switch
    {
        TextBlock text => [Text(text), ""],
        TableBlock table => Table(table),
        ChartBlock { Table: { } table } => Table(table),
        HeatMapBlock { Table: { } table } => Table(table),
        DotsBlock dots => Table(dots.Table),
        GalleryBlock gallery => Table(gallery.Table),
        ProgressBlock progress => [Escape(progress.Text), ""],
        RowBlock row => row.Blocks.SelectMany(Lines),
        ColumnsBlock columns => columns.Left.Concat(columns.Right).SelectMany(Lines),
        _ => [],
    };

    static string Text(TextBlock text) => text.Style switch
    {
        TextStyle.Headline => $"**{string.Concat(text.Parts.Select(part => Escape(part.Text)))}**",
        TextStyle.Warning => "- " + Parts(text.Parts),
        _ => Parts(text.Parts),
    };

    static string Parts(IReadOnlyList<TextPart> parts) =>
        string.Concat(parts.Select(part => part.Strong ? $"**{Escape(part.Text)}**" : Escape(part.Text))).Trim();

    static IEnumerable<string> Table(TableBlock table) =>
    [
        .. table.Caption.Length == 0 ? Array.Empty<string>() : [$"*{Escape(table.Caption)}*", ""],
        .. MarkdownTable.Lines(
            [.. table.Head.Select(Escape)],
            table.TextColumns,
            table.Rows.Select(row => row.Select(cell => Escape(cell.Text)).ToList()),
            spacedRule: true),
        "",
    ];

    // a name may contain what Markdown, or HTML in it, reads as markup
    static string Escape(string text)
    {
        var safe = new StringBuilder();
        foreach (var c in text.ReplaceLineEndings(" ").OnOneLine())
            safe.Append(c switch
            {
                '&' => "&amp;",
                '<' => "&lt;",
                '\\' or '|' or '*' or '_' or '`' or '[' => $"\\{c}",
                _ => $"{c}",
            });
        return safe.ToString();
    }
}
