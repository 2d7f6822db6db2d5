using Retort.Contracts.Sections;

namespace Retort.Report;

/// <summary>Pieces of a page that several figures have.</summary>
static class HtmlPieces
{
    /// <summary>Which color stands for what.</summary>
    public static Html Legend(LegendBlock legend)
    {
        var entries = Html.Each(
            legend.Entries, entry => Html.Of($"""<span class="{Class(entry.Style)}">{entry.Text}</span>"""));
        return Html.Of($"<p class=\"key\">{entries}</p>");
    }

    /// <summary>What stands below a figure.</summary>
    public static Html Caption(string caption) =>
        caption.Length == 0 ? Html.Nothing : Html.Of($"<figcaption>{caption}</figcaption>");

    /// <summary>The name of a color in the style sheet.</summary>
    public static string Class(SeriesStyle style) => style.ToString().ToLowerInvariant();
}
