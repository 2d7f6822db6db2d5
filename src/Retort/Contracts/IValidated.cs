namespace Retort.Contracts;

/// <summary>Options with a rule that concerns several of them, or that no attribute states.</summary>
public interface IValidated
{
    /// <summary>Called when each option obeys its own rules.</summary>
    /// <returns>The first rule that is broken; null where none is.</returns>
    OptionError? Validate();
}
