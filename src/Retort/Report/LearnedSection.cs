using Retort.Contracts.Sections;

namespace Retort.Report;

/// <summary>Samples that a procedure learned: images with the largest values of their labels, or words.</summary>
static class LearnedSection
{
    const int MostLabels = 3;

    /// <summary>The section.</summary>
    public static Section Of(LearnedSamples learned, IReadOnlyList<string> classes)
    {
        var isImage = learned.Samples[0].Pixels is not null;
        var hasWords = learned.Samples[0].Words is not null;
        string[] head = hasWords ? ["Sample", "Largest labels", "Nearest words"] : ["Sample", "Largest labels"];
        var table = new TableBlock(head, head.Length,
        [
            .. learned.Samples.Index().Select(one => (Cell[])
            [
                NumberFormat.Plain(one.Index + 1), Text(one.Item),
                .. hasWords ? [(Cell)(one.Item.Words ?? "")] : Array.Empty<Cell>(),
            ]),
        ]);
        if (!isImage) return new(learned.Title, table);

        var images = learned.Samples.Index().Select(one => new GalleryImage(
            one.Index, Invariant($"Sample {one.Index + 1}: {Text(one.Item)}"),
            [
                .. Largest(one.Item).Select(label => new ImageCaption(
                    SeriesStyle.Student, classes[label.Class], NumberFormat.Fixed(label.Value, 2))),
            ],
            Bars(one.Item))
        {
            Own = new(learned.Height, learned.Width, learned.Channels, one.Item.Pixels!),
        });
        return new(learned.Title, new GalleryBlock(
            "The first seed's samples, in the order of their batches, each with the largest values of its label; the "
            + "bars below are all classes in order, from the lowest value to the highest.",
            new(new LegendEntry(SeriesStyle.Student, "class, and the label's value")), [.. images], table));

        string Text(LearnedSample sample) => string.Join(", ", Largest(sample)
            .Select(label => $"{classes[label.Class]} {NumberFormat.Fixed(label.Value, 2)}"));

        static IEnumerable<(int Class, double Value)> Largest(LearnedSample sample) => sample.Label.Index()
            .OrderByDescending(label => label.Item).Take(MostLabels);
    }

    // eight heights
    static string Bars(LearnedSample sample)
    {
        const string heights = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588";
        var (low, high) = (sample.Label.Min(), sample.Label.Max());
        var range = Math.Max(high - low, 1e-9);
        return string.Concat(sample.Label.Select(
            value => heights[(int)Math.Round((value - low) / range * (heights.Length - 1))]));
    }

    /// <summary>Refuses samples that no procedure learns.</summary>
    /// <exception cref="InvalidDataException">The message names the file.</exception>
    public static void Check(LearnedSamples? learned, string path, int classes)
    {
        if (learned is null) return;

        var size = (long)learned.Height * learned.Width * learned.Channels;
        var isWrong = learned.Samples.Any(sample => sample.Label.Count != classes || !sample.Label.All(double.IsFinite)
            || (sample.Pixels is { } pixels
                && (pixels.Length != size || size == 0 || learned.Channels is not (1 or 3)))
            || (sample.Pixels is null) != (learned.Samples[0].Pixels is null));
        if (isWrong) throw new InvalidDataException(
            Invariant($"{path}: a learned sample must have a finite number for each of {classes} classes, and an ")
            + Invariant($"image the bytes of {learned.Height} x {learned.Width} x {learned.Channels}; ")
            + "another has other values.");
    }
}
