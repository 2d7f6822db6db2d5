namespace Retort.Contracts;

/// <summary>The options of a method: the section <c>method</c> of a recipe.</summary>
public abstract record MethodOptions;
