using System.Globalization;
using System.Text;

namespace Retort.Environments;

/// <summary>An episode as a small animated SVG, which any browser plays.</summary>
public static class EnvironmentAnimation
{
    const double SecondsPerFrame = 0.04;
    const int Height = 240;                                                 // pixels

    /// <summary>The document.</summary>
    /// <param name="title">What it shows, for those who cannot see it.</param>
    /// <param name="frames">The states of an episode in their order; each has the same lines and circles.</param>
    /// <exception cref="ArgumentException">There is no frame.</exception>
    public static string Svg(string title, IReadOnlyList<EnvironmentPicture> frames)
    {
        if (frames.Count == 0) throw new ArgumentException("An animation needs a frame; none came.", nameof(frames));

        var first = frames[0];
        var duration = Number(frames.Count * SecondsPerFrame);
        var text = new StringBuilder();
        text.Append(Invariant($"<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" height=\"{Number(Height)}\" "))
            .Append(Invariant($"viewBox=\"{Number(first.Left)} {Number(-first.Bottom - first.Height)} "))
            .Append(Invariant($"{Number(first.Width)} {Number(first.Height)}\">\n<title>{Escaped(title)}</title>\n"));
        for (var i = 0; i < first.Lines.Count; i++) AddLine(text, frames, i, duration);
        for (var i = 0; i < first.Circles.Count; i++) AddCircle(text, frames, i, duration);
        return text.Append("</svg>\n").ToString();
    }

    static void AddLine(StringBuilder text, IReadOnlyList<EnvironmentPicture> frames, int index, string duration)
    {
        var line = frames[0].Lines[index];
        var color = line.Moves ? "#c2603a" : "#8a8f98";
        text.Append(Invariant($"<polyline fill=\"none\" stroke=\"{color}\" stroke-linecap=\"round\" "))
            .Append(Invariant($"stroke-width=\"{Number(line.Thickness)}\" points=\"{Points(line)}\">"));
        if (line.Moves) AddAnimation(text, "points", frames.Select(frame => Points(frame.Lines[index])), duration);
        text.Append("</polyline>\n");
    }

    static void AddCircle(StringBuilder text, IReadOnlyList<EnvironmentPicture> frames, int index, string duration)
    {
        var circle = frames[0].Circles[index];
        text.Append(Invariant($"<circle fill=\"#2f4b66\" r=\"{Number(circle.Radius)}\" "))
            .Append(Invariant($"cx=\"{Number(circle.X)}\" cy=\"{Number(-circle.Y)}\">"));
        AddAnimation(text, "cx", frames.Select(frame => Number(frame.Circles[index].X)), duration);
        AddAnimation(text, "cy", frames.Select(frame => Number(-frame.Circles[index].Y)), duration);
        text.Append("</circle>\n");
    }

    static void AddAnimation(StringBuilder text, string attribute, IEnumerable<string> values, string duration) =>
        text.Append(Invariant($"<animate attributeName=\"{attribute}\" calcMode=\"discrete\" "))
            .Append(Invariant($"dur=\"{duration}s\" repeatCount=\"indefinite\" "))
            .Append(Invariant($"values=\"{string.Join(';', values)}\"/>"));

    // SVG's y goes down
    static string Points(PictureLine line) =>
        string.Join(' ', line.Points.Select(point => $"{Number(point.X)},{Number(-point.Y)}"));

    static string Number(double value) => Math.Round(value, 3).ToString(CultureInfo.InvariantCulture);

    static string Escaped(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal);
}
