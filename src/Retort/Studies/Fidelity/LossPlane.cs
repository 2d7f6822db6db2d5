using System.Text.Json;
using Retort.Tensors.Files;

namespace Retort.Studies.Fidelity;

/// <summary>
/// <c>plane.json</c>: the distillation loss on the plane through the weights of a teacher, of its student, and those
/// that the student began with. The origin is the teacher. The x axis leads to the student, which is at (1, 0); the y
/// axis is perpendicular to it (Gram and Schmidt), and the initial weights are at y = 1.
/// </summary>
sealed record LossPlane
{
    /// <summary>The student's name.</summary>
    public required string Student { get; init; }

    /// <summary>The lengths of the two directions in weight space.</summary>
    public required IReadOnlyList<double> Lengths { get; init; }

    /// <summary>The coordinates of the initial weights.</summary>
    public required IReadOnlyList<double> First { get; init; }

    /// <summary>The x coordinates of the columns.</summary>
    public required IReadOnlyList<double> Xs { get; init; }

    /// <summary>The y coordinates of the rows.</summary>
    public required IReadOnlyList<double> Ys { get; init; }

    /// <summary>Loss minus floor, row by row.</summary>
    public required IReadOnlyList<IReadOnlyList<double>> Excess { get; init; }

    /// <summary>Agreement, row by row.</summary>
    public required IReadOnlyList<IReadOnlyList<double>> Agreement { get; init; }

    const string FileName = "plane.json";

    /// <summary>Writes the plane into a study's folder.</summary>
    public void Write(string run) =>
        AtomicFile.Write(Path.Combine(run, FileName), JsonSerializer.Serialize(this, Json.Line) + "\n");

    /// <summary>Reads the plane of a study's folder; null where it has none.</summary>
    public static LossPlane? Read(string run)
    {
        var path = Path.Combine(run, FileName);
        if (!File.Exists(path)) return null;

        var plane = JsonFile.Read<LossPlane>(path, "the plane of a loss");
        var isWhole = plane is { Lengths.Count: 2, First.Count: 2, Xs.Count: > 1, Ys.Count: > 1 }
            && HasAllPoints(plane.Excess) && HasAllPoints(plane.Agreement);
        return isWhole ? plane : throw new InvalidDataException($"{path} does not describe the plane of a loss: it "
            + "must have two lengths, the two coordinates of the first weights, at least two columns and rows, and a "
            + "value for each point.");

        bool HasAllPoints(IReadOnlyList<IReadOnlyList<double>> values) =>
            values.Count == plane.Ys.Count && values.All(row => row.Count == plane.Xs.Count);
    }
}
