using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;

namespace Retort.Report;

/// <summary>A piece of a page. What is interpolated into it is escaped unless it is itself a piece.</summary>
readonly record struct Html(string Text)
{
    public static Html Nothing { get; } = new("");

    public static Html Of(Writer writer) => new(writer.ToString());

    /// <summary>Pieces one after another.</summary>
    public static Html Each<T>(IEnumerable<T> items, Func<T, Html> piece) =>
        new(string.Concat(items.Select(item => piece(item).Text)));

    public override string ToString() => Text;

    /// <summary>Builds an interpolated string; numbers in the invariant culture.</summary>
    [InterpolatedStringHandler]
    public readonly struct Writer(int literal, int holes)
    {
        readonly StringBuilder _text = new(literal + 16 * holes);

        public void AppendLiteral(string text) => _text.Append(text);

        public void AppendFormatted(Html piece) => _text.Append(piece.Text);

        public void AppendFormatted(string? text) => _text.Append(WebUtility.HtmlEncode(text?.Printable()));

        public void AppendFormatted<T>(T value, string? format = null) where T : IFormattable =>
            AppendFormatted(value.ToString(format, CultureInfo.InvariantCulture));

        public override string ToString() => _text.ToString();
    }
}
