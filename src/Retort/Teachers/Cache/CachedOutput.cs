using System.Globalization;

namespace Retort.Teachers.Cache;

/// <summary>One output as a cache holds it, for one example.</summary>
/// <param name="Name"><c>logits</c>, <c>embedding</c>, or <c>hidden_states.0</c>, <c>hidden_states.1</c>, …</param>
/// <param name="Shape">Without the batch: [C] of logits. An axis that varies has its largest size.</param>
public sealed record CachedOutput(string Name, IReadOnlyList<int> Shape)
{
    /// <summary>
    /// The axes of <see cref="Shape"/> whose size varies from batch to batch: a record is padded with 0 there.
    /// </summary>
    public IReadOnlyList<int> VaryingAxes { get; init; } = [];

    /// <summary>Numbers of one example, padding included.</summary>
    internal int Width => Shape.Aggregate(1, (product, axis) => checked(product * axis));

    /// <summary>The output.</summary>
    internal OutputKey Key => Output.Named(Name)
        ?? throw new InvalidDataException($"A cache cannot hold \"{Name}\": no output has this name.");

    /// <summary>The layer, from 0; 0 for an output that is no list.</summary>
    internal int Layer => Name.IndexOf('.', StringComparison.Ordinal) is >= 0 and var dot
        ? int.Parse(Name.AsSpan(dot + 1), CultureInfo.InvariantCulture) : 0;

    /// <summary>The shape of one example in a batch that is padded to this length.</summary>
    internal int[] ShapeAt(int length) => [.. Shape.Select((size, axis) => VaryingAxes.Contains(axis) ? length : size)];

    public override string ToString()
    {
        var sizes = Shape.Select((size, axis) => VaryingAxes.Contains(axis) ? $"up to {size}" : $"{size}");
        return $"{Name} [{string.Join(", ", sizes)}]";
    }
}
