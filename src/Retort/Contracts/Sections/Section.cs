namespace Retort.Contracts.Sections;

/// <summary>A report as sections. One writer makes it HTML, another Markdown.</summary>
/// <param name="Kind">What it is, above the title: <c>Retort report</c>.</param>
/// <param name="Title">Its title.</param>
/// <param name="Subtitle">Follows the title: <c>on digits</c>.</param>
/// <param name="Sections">In order.</param>
sealed record Document(string Kind, string Title, string Subtitle, IReadOnlyList<Section> Sections)
{
    /// <summary>A class of the page's style sheet; none where it is empty.</summary>
    public string Style { get; init; } = "";
}

/// <summary>A section: a title and blocks below it.</summary>
/// <param name="Title">Empty for a section without a title.</param>
/// <param name="Blocks">In order.</param>
sealed record Section(string Title, params IReadOnlyList<Block> Blocks)
{
    /// <summary>Its anchor, which table cells can link to.</summary>
    public string? Id { get; init; }

    /// <summary>Stands after the title, in its tone.</summary>
    public Badge? Badge { get; init; }

    /// <summary>Whether it takes half the width of a page; two of them in a row are side by side.</summary>
    public bool HalfWidth { get; init; }

    /// <summary>Set for the section with the verdict: the tone of its border and headline.</summary>
    public Tone? Verdict { get; init; }
}

/// <summary>A word that a page shows in a color.</summary>
sealed record Badge(string Text, Tone Tone);

/// <summary>Whether something is good or bad news.</summary>
enum Tone
{
    /// <summary>Neither.</summary>
    Neutral,

    /// <summary>It helped, or the claim holds.</summary>
    Good,

    /// <summary>It hurt, or the claim does not hold.</summary>
    Bad,
}

/// <summary>Whose color a line, a dot or a legend has.</summary>
enum SeriesStyle { Rule, Grid, Teacher, Control, Student }
