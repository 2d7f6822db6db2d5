using System.Globalization;

namespace Retort.Tensors;

/// <summary>Checks tensor shapes and says in one sentence what does not fit.</summary>
public static class Shape
{
    /// <summary>
    /// Checks tensors against patterns of letters and numbers, such as "B D" or "B 3 H W". ".." at the start stands for
    /// any number of axes. A letter gets its length from the first tensor that has it, and must have the same length
    /// everywhere else.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// Names the tensor, the expected pattern, the letter that differs and the tensor that set it.
    /// </exception>
    public static void Check(params ReadOnlySpan<(Tensor Tensor, string Pattern, string Name)> tensors)
    {
        var bound = new List<(string Letter, long Length, string SetBy)>();
        foreach (var (tensor, pattern, name) in tensors)
        {
            var letters = pattern.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var shape = tensor.shape;
            var open = letters is ["..", ..];
            var axes = open ? letters.AsSpan(1) : letters;
            var fits = open ? shape.Length >= axes.Length : shape.Length == axes.Length;
            if (!fits) throw Mismatch(name, shape, letters);

            for (var i = 0; i < axes.Length; i++)
            {
                var letter = axes[i];
                var length = shape[shape.Length - axes.Length + i];
                if (long.TryParse(letter, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                {
                    if (length != number) throw Mismatch(name, shape, letters);
                    continue;
                }

                var index = bound.FindIndex(binding => binding.Letter == letter);
                if (index < 0) bound.Add((letter, length, name));
                else if (bound[index].Length != length)
                    throw Mismatch(
                        name, shape, letters, $" with {letter} = {bound[index].Length}, set by {bound[index].SetBy}");
            }
        }
    }

    static ArgumentException Mismatch(string name, long[] shape, string[] letters, string detail = "") =>
        new($"{name} is {Text(shape)}; [{string.Join(", ", letters)}] was expected{detail}.");

    /// <summary><c>[2, 3]</c>.</summary>
    internal static string Text(long[] shape) => $"[{string.Join(", ", shape)}]";

    /// <summary>Checks the operands of a matrix product: libtorch ends the process where they do not fit.</summary>
    internal static void CheckMatMul(Tensor x, Tensor y)
    {
        var xRank = (int)x.Dimensions;
        var yRank = (int)y.Dimensions;
        var fit = xRank >= 1 && yRank >= 1 && x.size(-1) == y.size(yRank == 1 ? 0 : -2)
            && BatchesBroadcast(x, xRank, y, yRank);
        if (!fit)
            throw new ArgumentException(
                $"MatMul: {Text(x.shape)} times {Text(y.shape)} does not fit; [.., N, D] times [.., D, M] does.");
        if (x.device_type != y.device_type)
            throw new ArgumentException(
                $"MatMul: the factors are on {x.device} and {y.device}; both must be on one device.");
        if (x.dtype != y.dtype)
            throw new ArgumentException(
                $"MatMul: the factors are {x.dtype} and {y.dtype}; both must be of one type.");
    }

    static bool BatchesBroadcast(Tensor x, int xRank, Tensor y, int yRank)
    {
        for (var i = 3; i <= Math.Min(xRank, yRank); i++)
            if (x.size(-i) != y.size(-i) && x.size(-i) != 1 && y.size(-i) != 1) return false;
        return true;
    }

    internal static void CheckSame(Tensor x, Tensor y, string caller)
    {
        var rank = (int)x.Dimensions;
        var same = rank == y.Dimensions;
        for (var i = 0; same && i < rank; i++) same = x.size(i) == y.size(i);
        if (!same)
            throw new ArgumentException(
                $"{caller}: both must have one shape; {Text(x.shape)} and {Text(y.shape)} came.");
    }

    internal static void CheckLastAxis(Tensor x, long width, string caller)
    {
        if (x.Dimensions < 1 || x.size(-1) != width)
            throw new ArgumentException($"{caller}: the last axis must be {width} long; {Text(x.shape)} came.");
    }

    internal static void CheckChannels(Tensor x, long channels, string caller)
    {
        if (x.Dimensions < 2 || x.size(1) != channels)
            throw new ArgumentException(
                $"{caller}: {channels} channels were expected in the second axis; {Text(x.shape)} came.");
    }

    /// <summary>
    /// Checks that each channel has more than one value: a single one has no variance, and libtorch would silently set
    /// the running variance to NaN.
    /// </summary>
    internal static void CheckVariance(Tensor x, string caller)
    {
        if (x.NumberOfElements <= x.size(1))
            throw new InvalidOperationException(
                $"{caller}: in training every channel needs more than one value, and {Text(x.shape)} has one; "
                + "take a larger batch, drop the last partial one, or call eval().");
    }
}
