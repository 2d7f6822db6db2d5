namespace Retort.Contracts.Sections;

/// <summary>What a section is made of.</summary>
abstract record Block;

/// <summary>How a paragraph is set.</summary>
enum TextStyle
{
    /// <summary>As usual.</summary>
    Body,

    /// <summary>Smaller: what a reader of a table or chart must know.</summary>
    Note,

    /// <summary>Larger: the main sentence.</summary>
    Lead,

    /// <summary>The word that sums a section up.</summary>
    Headline,

    /// <summary>Something to beware of.</summary>
    Warning,
}

/// <summary>A paragraph.</summary>
/// <param name="Style">How it is set.</param>
/// <param name="Parts">Its text, in parts that are strong or not.</param>
sealed record TextBlock(TextStyle Style, params IReadOnlyList<TextPart> Parts) : Block
{
    /// <summary>A paragraph set as usual.</summary>
    public TextBlock(string text) : this(TextStyle.Body, text) { }

    /// <summary>A note.</summary>
    public static TextBlock Note(string text) => new(TextStyle.Note, text);
}

/// <summary>A part of a paragraph.</summary>
sealed record TextPart(string Text, bool Strong = false)
{
    public static implicit operator TextPart(string text) => new(text);
}

/// <summary>How a table is set.</summary>
enum TableStyle { Plain, Figures, Narrow, Properties, Names, Claims, Checks, Steps }

/// <summary>A table.</summary>
/// <param name="Head">Titles of the columns.</param>
/// <param name="TextColumns">How many columns from the left are text; the rest are numbers.</param>
/// <param name="Rows">Cell by cell.</param>
sealed record TableBlock(
    IReadOnlyList<string> Head, int TextColumns, IReadOnlyList<IReadOnlyList<Cell>> Rows) : Block
{
    /// <summary>How it is set.</summary>
    public TableStyle Style { get; init; }

    /// <summary>Stands above it where the section's title does not say what it is.</summary>
    public string Caption { get; init; } = "";
}

/// <summary>A cell of a table.</summary>
sealed record Cell(string Text)
{
    const int MaxLength = 200;                                             // class names may be longer

    /// <summary>Its text, cut where it is very long.</summary>
    public string Text { get; init; } = Text.Shortened(MaxLength);

    /// <summary>Set for a badge.</summary>
    public Tone? Tone { get; init; }

    /// <summary>The section that it links to, by its id.</summary>
    public string? Link { get; init; }

    public static implicit operator Cell(string text) => new(text);
}

/// <summary>Which color stands for what.</summary>
sealed record LegendBlock(params IReadOnlyList<LegendEntry> Entries) : Block;

/// <summary>One entry of a legend.</summary>
sealed record LegendEntry(SeriesStyle Style, string Text);

/// <summary>Charts in a row, as many as the page has room for.</summary>
sealed record RowBlock(params IReadOnlyList<Block> Blocks) : Block;

/// <summary>Two columns of equal width; the second may be empty.</summary>
sealed record ColumnsBlock(IReadOnlyList<Block> Left, IReadOnlyList<Block> Right) : Block;

/// <summary>A bar that is filled from its left end to a share of its length.</summary>
/// <param name="Text">Says what it shows.</param>
/// <param name="Share">From 0 to 1; what lies outside is drawn at the end.</param>
/// <param name="From">What the left end is.</param>
/// <param name="To">What the right end is.</param>
sealed record ProgressBlock(string Text, double Share, string From, string To) : Block;

/// <summary>Text in a fixed-width font that a page hides until asked; Markdown leaves it out.</summary>
sealed record CodeBlock(string Title, string Text) : Block;

/// <summary>Images of examples with captions.</summary>
/// <param name="Note">Introduces them.</param>
/// <param name="Legend">Whose captions have which color.</param>
/// <param name="Images">In order.</param>
/// <param name="Table">Shown instead where there are no images.</param>
sealed record GalleryBlock(
    string Note, LegendBlock Legend, IReadOnlyList<GalleryImage> Images, TableBlock Table) : Block
{
    /// <summary>Whether the examples are of the training split; otherwise they are of the test split.</summary>
    public bool OfTraining { get; init; }
}

/// <summary>One image of a gallery.</summary>
/// <param name="Position">Of the example in its split.</param>
/// <param name="Alternative">Says what the image shows.</param>
/// <param name="Captions">Below it, a line each.</param>
/// <param name="Remark">Below those, smaller.</param>
sealed record GalleryImage(int Position, string Alternative, IReadOnlyList<ImageCaption> Captions, string Remark)
{
    /// <summary>Its pixels, where it is no example of a split.</summary>
    public GalleryPixels? Own { get; init; }
}

/// <summary>An image: bytes in the order height, width, channel (1 or 3).</summary>
sealed record GalleryPixels(int Height, int Width, int Channels, byte[] Bytes);

/// <summary>A line below an image: a text, and a value at the right.</summary>
sealed record ImageCaption(SeriesStyle Style, string Text, string Value)
{
    const int MaxLength = 60;

    /// <summary>The text, cut where it is very long.</summary>
    public string Text { get; init; } = Text.Shortened(MaxLength);
}
