namespace Retort.Contracts.Sections;

/// <summary>One side of a chart.</summary>
/// <param name="Low">Its lower end.</param>
/// <param name="High">Its upper end.</param>
/// <param name="Title">What it counts, with the unit.</param>
/// <param name="Marks">Where it is marked, and with what text.</param>
sealed record Axis(double Low, double High, string Title, params IReadOnlyList<AxisMark> Marks)
{
    /// <summary>
    /// Ends on whole steps of 1, 2 or 5 times a power of ten, about four of them, so that all values lie inside.
    /// </summary>
    public static Axis Around(IReadOnlyList<double> values, string title)
    {
        var (low, high) = (values.Min(), values.Max());
        if (high - low < 1e-9) (low, high) = (low - 0.5, high + 0.5);

        var rough = (high - low) / 4;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = new double[] { 1, 2, 5, 10 }.First(times => times * power >= rough * 0.999) * power;
        var (from, to) = ((long)Math.Floor(low / step + 1e-9), (long)Math.Ceiling(high / step - 1e-9));
        var digits = Math.Clamp((int)Math.Ceiling(-Math.Log10(step) - 1e-9), 0, 6);
        var marks = Enumerable.Range(0, (int)(to - from) + 1).Select(i => (from + i) * step)
            .Select(value => new AxisMark(value, NumberFormat.Fixed(value, digits)));
        return new(from * step, to * step, title, [.. marks]);
    }

    /// <summary>
    /// For values of which each is the logarithm to base ten of what is counted; marked at 1, 2 and 5 times powers of
    /// ten, or at the powers alone where there are many.
    /// </summary>
    public static Axis AroundLogarithms(IReadOnlyList<double> logarithms, string title)
    {
        const double margin = 0.03;
        const int mostMarks = 8;
        var (low, high) = (logarithms.Min(), logarithms.Max());
        var room = Math.Max(margin * (high - low), 0.05);
        (low, high) = (low - room, high + room);
        var (lowest, highest) = ((int)Math.Floor(low), (int)Math.Ceiling(high));
        var marks = MarksAt([1, 2, 5]);
        if (marks.Count > mostMarks) marks = MarksAt([1]);
        return new(low, high, title, marks);

        List<AxisMark> MarksAt(double[] times) =>
        [
            .. from power in Enumerable.Range(lowest, highest - lowest + 1)
               from factor in times
               let place = power + Math.Log10(factor)
               where place >= low && place <= high
               select new AxisMark(place, NumberFormat.Fixed(factor * Math.Pow(10, power), Math.Max(0, -power))),
        ];
    }

    /// <summary>0 at the low end, 1 at the high one.</summary>
    public double Share(double value) => (value - Low) / (High - Low);
}

/// <summary>A mark of an axis.</summary>
sealed record AxisMark(double Value, string Text);

/// <summary>A chart of lines and dots.</summary>
/// <param name="Id">Tells it apart from other charts of a page.</param>
/// <param name="Label">Says what it shows, for those who cannot see it.</param>
/// <param name="X">The horizontal axis.</param>
/// <param name="Y">The vertical axis; without marks it takes no room.</param>
/// <param name="Series">Drawn in this order.</param>
sealed record ChartBlock(string Id, string Label, Axis X, Axis Y, IReadOnlyList<Series> Series) : Block
{
    /// <summary>In pixels of the drawing.</summary>
    public int Width { get; init; } = 360;

    /// <summary>In pixels of the drawing.</summary>
    public int Height { get; init; } = 250;

    /// <summary>Words inside the chart.</summary>
    public IReadOnlyList<ChartNote> Notes { get; init; } = [];

    /// <summary>Below it.</summary>
    public string Caption { get; init; } = "";

    /// <summary>Above it, where not the whole section has one.</summary>
    public LegendBlock? Legend { get; init; }

    /// <summary>Whether it takes the width of the page.</summary>
    public bool Wide { get; init; }

    /// <summary>What Markdown has instead; null for nothing.</summary>
    public TableBlock? Table { get; init; }
}

/// <summary>Points joined in order; a single one is a dot of two and a half widths.</summary>
sealed record Series(SeriesStyle Style, IReadOnlyList<double> X, IReadOnlyList<double> Y)
{
    /// <summary>In pixels of the drawing.</summary>
    public double Width { get; init; } = 2;

    /// <summary>From 0 to 1.</summary>
    public double Opacity { get; init; } = 1;

    /// <summary>Whether the line is dashed.</summary>
    public bool Dashed { get; init; }

    /// <summary>One dot.</summary>
    public static Series Dot(SeriesStyle style, double x, double y) => new(style, [x], [y]);
}

/// <summary>A word in a chart, centered above a point.</summary>
sealed record ChartNote(double X, double Y, string Text);

/// <summary>A value for each point of a grid, the darker the larger, with some points named.</summary>
/// <param name="Label">Says what it shows, for those who cannot see it.</param>
/// <param name="Xs">The columns' coordinates, evenly spaced.</param>
/// <param name="Ys">The rows' coordinates, evenly spaced; the first row is drawn at the bottom.</param>
/// <param name="Shades">From 0 to 1, row by row.</param>
/// <param name="Points">Marked and named.</param>
sealed record SurfaceBlock(string Label, IReadOnlyList<double> Xs, IReadOnlyList<double> Ys,
    IReadOnlyList<IReadOnlyList<double>> Shades, IReadOnlyList<ChartNote> Points) : Block
{
    /// <summary>What the columns count.</summary>
    public required string XTitle { get; init; }

    /// <summary>What the rows count.</summary>
    public required string YTitle { get; init; }

    /// <summary>Below it.</summary>
    public string Caption { get; init; } = "";
}
