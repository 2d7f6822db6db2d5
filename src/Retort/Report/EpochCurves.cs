using Retort.Contracts.Sections;
using Retort.Training;

namespace Retort.Report;

/// <summary>The networks of one color: the teacher, the controls or the students.</summary>
sealed record LearningSide(SeriesStyle Style, IReadOnlyList<NetworkData> Networks);

/// <summary>A value of each epoch, of those sides whose networks have it in every epoch.</summary>
sealed class EpochCurves(IReadOnlyList<LearningSide> sides, Func<EpochMetrics, double?> value)
{
    /// <summary>The sides that have the value.</summary>
    public IReadOnlyList<LearningSide> Sides { get; } =
    [
        .. sides.Where(side => side.Networks.All(network => network.Epochs.All(line => value(line) is not null))),
    ];

    /// <summary>Whether the students have the value.</summary>
    public bool HasStudent => Sides.Any(side => side.Style == SeriesStyle.Student);

    /// <summary>All values.</summary>
    public IEnumerable<double> Values => Sides.SelectMany(side => side.Networks)
        .SelectMany(network => network.Epochs).Select(line => value(line)!.Value);

    /// <summary>The mean over a side's networks, epoch by epoch.</summary>
    public IEnumerable<(int Epoch, double Mean)> Means(LearningSide side) => side.Networks
        .SelectMany(network => network.Epochs).GroupBy(line => line.Epoch).OrderBy(epoch => epoch.Key)
        .Select(epoch => (epoch.Key, epoch.Average(line => value(line)!.Value)));

    /// <summary>A thin line for each of several networks, and a bold one for their mean.</summary>
    /// <param name="scale">What is drawn of a value: itself or its logarithm.</param>
    public IEnumerable<Series> Series(Func<double, double> scale)
    {
        foreach (var side in Sides)
        {
            if (side.Networks.Count > 1) foreach (var network in side.Networks) yield return Thin(side.Style, network);

            List<(int Epoch, double Mean)> means = [.. Means(side)];
            yield return new(side.Style, [.. means.Select(one => (double)one.Epoch)],
                [.. means.Select(one => scale(one.Mean))])
            {
                Width = 2.4,
            };
        }

        Series Thin(SeriesStyle style, NetworkData network) => new(style,
            [.. network.Epochs.Select(line => (double)line.Epoch)],
            [.. network.Epochs.Select(line => scale(value(line)!.Value))])
        {
            Width = 1, Opacity = 0.4,
        };
    }
}
