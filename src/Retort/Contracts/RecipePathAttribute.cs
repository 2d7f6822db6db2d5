namespace Retort.Contracts;

/// <summary>Marks an option that names a file or folder: in a recipe it is relative to the recipe's folder.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RecipePathAttribute : Attribute;
