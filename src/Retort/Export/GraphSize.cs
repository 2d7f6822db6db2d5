namespace Retort.Export;

/// <summary>
/// A size in a graph as a polynomial of the free axes: the sum, over subsets of them, of a coefficient times the
/// product of their sizes. Bit i of a coefficient's index stands for axis i; index 0 is the constant.
/// </summary>
sealed record GraphSize(IReadOnlyList<long> Coefficients)
{
    /// <summary>Whether it depends on no free axis.</summary>
    public bool IsFixed => Coefficients.Skip(1).All(coefficient => coefficient == 0);

    /// <summary>The part that depends on no free axis.</summary>
    public long Constant => Coefficients[0];

    /// <summary>The free axis whose size it is; null where it is none's.</summary>
    public int? Axis
    {
        get
        {
            var terms = Enumerable.Range(0, Coefficients.Count).Where(i => Coefficients[i] != 0).ToList();
            return terms is [> 0 and var term] && Coefficients[term] == 1 && long.IsPow2(term)
                ? (int)long.Log2(term) : null;
        }
    }

    /// <summary>Its value at sizes of the free axes.</summary>
    public long At(IReadOnlyList<long> sizes)
    {
        var sum = 0L;
        for (var subset = 0; subset < Coefficients.Count; subset++)
        {
            var term = Coefficients[subset];
            for (var axis = 0; axis < sizes.Count; axis++)
                if ((subset >> axis & 1) == 1) term *= sizes[axis];
            sum += term;
        }
        return sum;
    }
}

/// <summary>A list of sizes: a shape, or an operator's list of whole numbers.</summary>
readonly record struct Sizes(IReadOnlyList<GraphSize> Items)
{
    /// <summary>Whether none depends on a free axis.</summary>
    public bool AreFixed => Items.All(size => size.IsFixed);

    /// <summary>The constant parts; the sizes themselves where all are fixed.</summary>
    public long[] Constants => [.. Items.Select(size => size.Constant)];
}
