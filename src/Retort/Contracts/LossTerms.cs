namespace Retort.Contracts;

/// <summary>A paper's whole objective as named terms; training minimizes their sum.</summary>
public sealed class LossTerms
{
    readonly List<(string Name, Tensor Value)> _parts = [];

    /// <summary>The terms in the order in which they were added.</summary>
    public IReadOnlyList<(string Name, Tensor Value)> Parts => _parts;

    /// <summary>The sum. []</summary>
    public Tensor Total => _parts.Select(part => part.Value).Aggregate((sum, value) => sum.Add(value));

    /// <summary>Adds a term. []</summary>
    /// <exception cref="InvalidOperationException">It is not one number.</exception>
    public Tensor this[string name]
    {
        set
        {
            if (value.Dimensions != 0) throw new InvalidOperationException(
                $"The term \"{name}\" must be one number, such as a mean; it is [{string.Join(", ", value.shape)}].");
            _parts.Add((name, value));
        }
    }
}
