using System.Reflection;
using Retort.Contracts.Sections;

namespace Retort.Report;

/// <summary>Writes a document as one page that loads nothing: no script, no font, no image from outside.</summary>
static class HtmlWriter
{
    /// <summary>The page.</summary>
    /// <param name="document">What it shows.</param>
    /// <param name="images">
    /// From a gallery to the addresses of its images by position; null where there are none.
    /// </param>
    /// <param name="refreshSeconds">After how many seconds a browser loads the page again; null for never.</param>
    public static string Write(
        Document document, Func<GalleryBlock, Func<int, string>?>? images = null,
        int? refreshSeconds = null) => Html.Of($"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">{Refresh(refreshSeconds)}
        <title>{document.Title} {document.Subtitle} · Retort</title>
        <style>{new Html(StyleSheet)}</style>
        </head>
        {(document.Style.Length == 0 ? new("<body>") : Html.Of($"""<body class="{document.Style}">"""))}
        <header><p class="over">{document.Kind}</p><h1>{document.Title} <span>{document.Subtitle}</span></h1></header>
        <main>
        {Sections(document.Sections, images ?? (_ => null))}</main>
        </body>
        </html>

        """).Text;

    static Html Refresh(int? seconds) => seconds is not { } every ? Html.Nothing
        : Html.Of($"\n<meta http-equiv=\"refresh\" content=\"{every}\">");

    /// <summary>The style sheet of every page.</summary>
    public static string StyleSheet
    {
        get
        {
            using var file = Assembly.GetExecutingAssembly().GetManifestResourceStream("report.css")!;
            return new StreamReader(file).ReadToEnd();
        }
    }

    // sections of half the width are side by side with those that follow them
    static Html Sections(IReadOnlyList<Section> sections, Func<GalleryBlock, Func<int, string>?> images)
    {
        var text = "";
        for (var i = 0; i < sections.Count; i++)
        {
            if (!sections[i].HalfWidth)
            {
                text += Section(sections[i], images).Text;
                continue;
            }
            var pair = sections.Skip(i).Take(2).TakeWhile(section => section.HalfWidth).ToList();
            text += Html.Of($"""
                <div class="two">
                {Html.Each(pair, section => Section(section, images))}</div>

                """).Text;
            i += pair.Count - 1;
        }
        return new(text);
    }

    static Html Section(Section section, Func<GalleryBlock, Func<int, string>?> images)
    {
        var id = section.Id is { } anchor ? Html.Of($" id=\"{anchor}\"") : Html.Nothing;
        var style = section.Verdict is { } tone ? Html.Of($" class=\"verdict {Class(tone)}\"") : Html.Nothing;
        var badge = section.Badge is { } word ? Html.Of($" {Badge(word.Text, word.Tone)}") : Html.Nothing;
        var title = section.Title.Length == 0 ? Html.Nothing : Html.Of($"<h2>{section.Title}{badge}</h2>");
        return Html.Of($"""
            <section{id}{style}>{title}
            {Blocks(section.Blocks, images)}</section>

            """);
    }

    static Html Blocks(IEnumerable<Block> blocks, Func<GalleryBlock, Func<int, string>?> images) =>
        Html.Each(blocks, block => Html.Of($"{One(block, images)}\n"));

    static Html One(Block block, Func<GalleryBlock, Func<int, string>?> images) => block switch
    {
        TextBlock text => Text(text),
        TableBlock table => Table(table),
        LegendBlock legend => HtmlPieces.Legend(legend),
        ChartBlock chart => Chart(chart),
        SurfaceBlock surface => HtmlFigures.Surface(surface),
        HeatMapBlock maps => HtmlFigures.Maps(maps),
        DotsBlock dots => HtmlFigures.Dots(dots),
        GalleryBlock { Images: [{ Own: not null }, ..] } gallery => HtmlFigures.Gallery(gallery, _ => ""),
        GalleryBlock gallery => images(gallery) is { } image ? HtmlFigures.Gallery(gallery, image)
            : Table(gallery.Table),
        RowBlock row => Html.Of($"<div class=\"charts\">\n{Blocks(row.Blocks, images)}</div>"),
        ColumnsBlock columns => Html.Of($"""
            <div class="two even"><div>
            {Blocks(columns.Left, images)}</div><div>
            {Blocks(columns.Right, images)}</div></div>
            """),
        ProgressBlock progress => Html.Of($"""
            <div class="gap"><p>{progress.Text}</p>
            <div class="road"><i style="width:{Math.Clamp(100 * progress.Share, 0, 100):0.#}%"></i></div>
            <p class="ends"><span>{progress.From}</span><span>{progress.To}</span></p></div>
            """),
        CodeBlock code => Html.Of($"<details><summary>{code.Title}</summary><pre>{code.Text}</pre></details>"),
        _ => throw new ArgumentException($"A page cannot show a {block.GetType().Name}.", nameof(block)),
    };

    static Html Text(TextBlock text)
    {
        var parts = Html.Each(
            text.Parts, part => part.Strong ? Html.Of($"<b>{part.Text}</b>") : Html.Of($"{part.Text}"));
        var style = text.Style switch
        {
            TextStyle.Note => " class=\"note\"",
            TextStyle.Lead => " class=\"sentence\"",
            TextStyle.Headline => " class=\"outcome\"",
            TextStyle.Warning => " class=\"warning\"",
            _ => "",
        };
        return Html.Of($"<p{new Html(style)}>{parts}</p>");
    }

    static Html Chart(ChartBlock chart)
    {
        var style = new Html(chart.Wide ? Invariant($" class=\"broad\" style=\"--width:{chart.Width}px\"") : "");
        var drawing = ChartDrawing.Draw(chart);
        return Html.Of($"""
            <figure{style}>{(chart.Legend is { } legend ? HtmlPieces.Legend(legend) : Html.Nothing)}
            {(chart.Wide ? Html.Of($"<div class=\"wide\">{drawing}</div>") : drawing)}
            {HtmlPieces.Caption(chart.Caption)}</figure>
            """);
    }

    static string Class(Tone tone) => tone switch
    {
        Tone.Good => "helped",
        Tone.Bad => "hurt",
        _ => "open",
    };

    static Html Badge(string text, Tone tone) => Html.Of($"""<b class="badge {Class(tone)}">{text}</b>""");

    /// <summary>A table; what follows a ± is smaller.</summary>
    static Html Table(TableBlock table)
    {
        var caption = table.Caption.Length == 0 ? Html.Nothing : Html.Of($"<p class=\"note\">{table.Caption}</p>\n");
        var style = table.Style == TableStyle.Plain ? "" : table.Style.ToString().ToLowerInvariant();
        return Html.Of($"""
            {caption}<div class="wide"><table class="{style}">
            {(table.Head.All(title => title.Length == 0) ? Html.Nothing : Head(table))}
            <tbody>{Html.Each(table.Rows, row => Row(table, row))}</tbody>
            </table></div>
            """);
    }

    static Html Head(TableBlock table)
    {
        var cells = Html.Each(table.Head.Index(),
            cell => Html.Of($"""<th scope="col" class="{Alignment(table, cell.Index)}">{cell.Item}</th>"""));
        return Html.Of($"<thead><tr>{cells}</tr></thead>");
    }

    static Html Row(TableBlock table, IReadOnlyList<Cell> row) =>
        Html.Of($"<tr>{Html.Each(row.Index(), cell => Cell(table, cell.Index, cell.Item))}</tr>\n");

    static Html Cell(TableBlock table, int column, Cell cell)
    {
        var deviation = cell.Text.IndexOf(" ± ", StringComparison.Ordinal);
        var content = cell switch
        {
            { Tone: { } tone } => Badge(cell.Text, tone),
            { Link: { } link } => Html.Of($"""<a href="#{link}">{cell.Text}</a>"""),
            _ when deviation >= 0 && column > 0 =>
                Html.Of($"{cell.Text[..deviation]} <small>{cell.Text[(deviation + 1)..]}</small>"),
            _ => Html.Of($"{cell.Text}"),
        };
        return column == 0 ? Html.Of($"""<th scope="row">{content}</th>""")
            : Html.Of($"""<td class="{Alignment(table, column)}">{content}</td>""");
    }

    static string Alignment(TableBlock table, int column) => column < table.TextColumns ? "word" : "";
}
