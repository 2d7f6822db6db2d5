using System.Globalization;

namespace Retort.Tensors;

/// <summary>Shapes at the door: letters are bound by the tensor that has them first, and whoever breaks one is told who set it.</summary>
public static class Shape
{
    /// <summary>
    /// Checks tensors against patterns of letters and numbers, such as "B D" or "B 3 H W"; ".." at the front stands for
    /// any axes. The same letter must be the same length everywhere.
    /// </summary>
    /// <exception cref="ArgumentException">Says which tensor, what was expected, which letter broke and who set it.</exception>
    public static void Check(params ReadOnlySpan<(Tensor Tensor, string Pattern, string Name)> parts)
    {
        var bound = new List<(string Letter, long Length, string By)>();
        foreach (var (tensor, pattern, name) in parts)
        {
            var letters = pattern.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var shape = tensor.shape;
            var open = letters is ["..", ..];
            var axes = open ? letters.AsSpan(1) : letters;
            if (open ? shape.Length < axes.Length : shape.Length != axes.Length) throw Broken(name, shape, letters, "");
            for (var i = 0; i < axes.Length; i++)
            {
                var (letter, length) = (axes[i], shape[shape.Length - axes.Length + i]);
                if (long.TryParse(letter, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                {
                    if (length != number) throw Broken(name, shape, letters, "");
                    continue;
                }
                var at = bound.FindIndex(one => one.Letter == letter);
                if (at < 0) bound.Add((letter, length, name));
                else if (bound[at].Length != length)
                    throw Broken(name, shape, letters, $" with {letter} = {bound[at].Length}, set by {bound[at].By}");
            }
        }
    }

    static ArgumentException Broken(string name, long[] shape, string[] letters, string why) =>
        new($"{name} is {Text(shape)}; [{string.Join(", ", letters)}] was expected{why}.");

    internal static string Text(long[] shape) => $"[{string.Join(", ", shape)}]";

    /// <summary>libtorch ends the process where these do not fit.</summary>
    internal static void CheckMatMul(Tensor x, Tensor y)
    {
        var (m, n) = (x.Dimensions, y.Dimensions);
        if (m < 1 || n < 1 || x.size(-1) != y.size(n == 1 ? 0 : -2) || !BatchesFit(x, (int)m, y, (int)n))
            throw new ArgumentException($"MatMul: {Text(x.shape)} times {Text(y.shape)} does not fit; [.., N, D] times [.., D, M] does.");
        if (x.device_type != y.device_type)
            throw new ArgumentException($"MatMul: the factors lie on {x.device} and {y.device}; both must lie on one device.");
        if (x.dtype != y.dtype)
            throw new ArgumentException($"MatMul: the factors are {x.dtype} and {y.dtype}; both must be of one type.");
    }

    static bool BatchesFit(Tensor x, int m, Tensor y, int n)
    {
        for (var i = 3; i <= Math.Min(m, n); i++)
            if (x.size(-i) != y.size(-i) && x.size(-i) != 1 && y.size(-i) != 1) return false;
        return true;
    }

    internal static void CheckSame(Tensor x, Tensor y, string word)
    {
        var rank = (int)x.Dimensions;
        var same = rank == y.Dimensions;
        for (var i = 0; same && i < rank; i++) same = x.size(i) == y.size(i);
        if (!same) throw new ArgumentException($"{word}: both must have one shape; {Text(x.shape)} and {Text(y.shape)} came.");
    }

    internal static void CheckLast(Tensor x, long width, string word)
    {
        if (x.Dimensions < 1 || x.size(-1) != width)
            throw new ArgumentException($"{word}: the last axis must be {width} long; {Text(x.shape)} came.");
    }

    internal static void CheckChannels(Tensor x, long channels, string word)
    {
        if (x.Dimensions < 2 || x.size(1) != channels)
            throw new ArgumentException($"{word}: {channels} channels were expected in the second axis; {Text(x.shape)} came.");
    }

    /// <summary>One value a channel has no variance: libtorch would make the running one NaN without a word.</summary>
    internal static void CheckSeveral(Tensor x, string word)
    {
        if (x.NumberOfElements <= x.size(1))
            throw new InvalidOperationException(
                $"{word}: in training every channel needs more than one value, and {Text(x.shape)} has one; take a larger batch, drop the last partial one, or call eval().");
    }
}
