namespace Retort.Studies.Fidelity;

/// <summary>Another student.</summary>
public sealed record StudentVariant
{
    /// <summary>Its title in tables and charts.</summary>
    public required string Title { get; init; }

    /// <summary>Its network.</summary>
    public required ModelOptions Network { get; init; }
}
