namespace Retort.Contracts;

/// <summary>The options of a data set: the section <c>data</c> of a recipe.</summary>
public abstract record DataOptions
{
    /// <summary>Reads the data.</summary>
    /// <exception cref="InvalidDataException">A file cannot be used; the message names it and says why.</exception>
    public abstract Dataset Open();
}
