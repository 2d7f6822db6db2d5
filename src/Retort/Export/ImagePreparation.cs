using System.Globalization;

namespace Retort.Export;

/// <summary>
/// What must be done with an image before the graph takes it, in words, for programs without <c>Retort.Runtime</c>.
/// <see cref="Runtime.Features.ImageLoader"/> does the same.
/// </summary>
static class ImagePreparation
{
    /// <summary>The section of a README; empty for other inputs than images of one or three channels.</summary>
    public static string Section(DatasetInfo data)
    {
        if (data.Input(InputNames.PixelValues) is not { } input
            || input.Axes.Select(axis => axis.Size).ToArray() is not [{ } channels and (1 or 3), { } height, { } width])
            return "";

        var colors = channels == 3 ? "red, green, blue, in this order (grey is repeated three times)"
            : "grey (of color 0.299 red + 0.587 green + 0.114 blue)";
        return string.Create(CultureInfo.InvariantCulture, $"""

            ## How images are prepared

            `ImageLoader` of `Retort.Runtime` does this; in another language do the same, in this order:

            1. Decode the file to 8-bit {colors}. Transparency is dropped; color profiles and
               the camera's orientation are not applied.
            2. {Resizing(height, width)}
            3. Divide by 255, so that values are from 0 to 1, and arrange them as [channel, row, column]:
               [{channels}, {height}, {width}], float32.

            {Normalizing(input.Normalization)}

            """);
    }

    static string Resizing(long height, long width) => height == width
        ? Invariant($"An image of another size than {height} × {width}: cut out the largest square in its middle and ")
            + Invariant($"resize it to {height} × {width} with a\n   triangle filter (bilinear with antialiasing, as ")
            + "Pillow's BILINEAR)."
        : Invariant($"The image must be {height} high and {width} wide: no other size is resized.");

    static string Normalizing(Normalization? normalization) => normalization is null
        ? "Do not normalize them further."
        : $"Do not normalize them further: the graph itself subtracts the mean ({List(normalization.Mean)})\n"
            + $"and divides by the standard deviation ({List(normalization.StandardDeviation)}) of each channel.";

    static string List(IReadOnlyList<double> values) =>
        string.Join(", ", values.Select(value => value.ToString("0.0000", CultureInfo.InvariantCulture)));
}
