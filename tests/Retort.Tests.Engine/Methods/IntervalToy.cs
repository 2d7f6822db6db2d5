using static TorchSharp.torch;

namespace Retort.Tests.Methods;

/// <summary>
/// Sixty points on a line, blue in [2, 3] and in [5, 7]; the teacher is a union of these intervals, and the student one
/// interval [a, a + w]. After the 1-D example of the authors' poster, whose point counts are reconstructed.
/// </summary>
static class IntervalToy
{
    static readonly (double Low, double High, int Count, bool IsBlue)[] s_pieces =
    [
        (0, 2, 11, false), (2, 3, 8, true), (3, 5, 10, false), (5, 7, 20, true), (7, 9, 11, false),
    ];

    /// <summary>The points, evenly spaced in each piece.</summary>
    public static double[] X { get; } =
    [
        .. s_pieces.SelectMany(piece => Enumerable.Range(0, piece.Count)
            .Select(i => piece.Low + (i + 0.5) * (piece.High - piece.Low) / piece.Count)),
    ];

    /// <summary>1 for blue, 0 for red.</summary>
    public static long[] Labels { get; } =
        [.. s_pieces.SelectMany(piece => Enumerable.Repeat(piece.IsBlue ? 1L : 0, piece.Count))];

    /// <summary>q_k(x; a, w): near 1 within [a, a + w], the sharper the larger k.</summary>
    public static double Inside(double k, double x, double a, double w) =>
        Sigmoid(k * (x - a)) * Sigmoid(k * (a + w - x));

    /// <summary>The teacher's q: within one of its two intervals.</summary>
    public static double TeacherInside(double x) => 1 - (1 - Inside(20, x, 2, 1)) * (1 - Inside(20, x, 5, 2));

    public static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    /// <summary>Class probabilities as logits, their logarithms: red, blue. [N] → [N, 2]</summary>
    public static Tensor Logits(Tensor blue)
    {
        using var low = 1e-4.ToScalar();
        using var high = (1 - 1e-4).ToScalar();
        var p = blue.clamp(low, high);
        return stack([p.neg().Add(1), p], 1).Log();
    }
}

/// <summary>The student's loss for each a and w in {0, .1, …, 9}, with some help for each point.</summary>
sealed class IntervalLandscape
{
    public const int Side = 91;

    /// <summary>Row by row: a, then w.</summary>
    public double[,] Loss { get; } = new double[Side, Side];

    /// <param name="help">g of a point.</param>
    public IntervalLandscape(Func<double, double> help)
    {
        var points = IntervalToy.X.Select(x => (X: x, Teacher: TeacherBlue(x), Help: help(x))).ToList();
        for (var i = 0; i < Side; i++)
            for (var j = 0; j < Side; j++)
                Loss[i, j] = points.Average(
                    point => Divergence(point.Teacher, StudentBlue(point.X, i / 10.0, j / 10.0), point.Help));
    }

    public static double TeacherBlue(double x) =>
        IntervalToy.Sigmoid(6 * (2 * IntervalToy.TeacherInside(x) - 1));

    /// <summary>Of a student that is sure of nothing: k = 2, M = 1.5.</summary>
    public static double StudentBlue(double x, double a, double w) =>
        IntervalToy.Sigmoid(1.5 * (2 * IntervalToy.Inside(2, x, a, w) - 1));

    /// <summary>The strict minima inside the grid, the lowest first.</summary>
    public IReadOnlyList<(double A, double W, double Loss)> Minima()
    {
        List<(double A, double W, double Loss)> found = [];
        for (var i = 1; i < Side - 1; i++)
            for (var j = 1; j < Side - 1; j++)
                if (IsMinimum(i, j)) found.Add((i / 10.0, j / 10.0, Loss[i, j]));
        return [.. found.OrderBy(minimum => minimum.Loss)];
    }

    bool IsMinimum(int i, int j)
    {
        for (var di = -1; di <= 1; di++)
            for (var dj = -1; dj <= 1; dj++)
                if ((di, dj) != (0, 0) && Loss[i + di, j + dj] <= Loss[i, j]) return false;
        return true;
    }

    // Σ t log(t / (s + g)) over red and blue
    static double Divergence(double teacher, double student, double help) =>
        teacher * Math.Log(teacher / (student + help))
            + (1 - teacher) * Math.Log((1 - teacher) / (1 - student + help));
}
