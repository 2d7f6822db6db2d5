namespace Retort.Recipes;

/// <summary>
/// Gives the data sets, networks and methods of an assembly their names in recipes. A program calls it at its start;
/// the command does with the option <c>--with</c>, so that it reads the recipes and run folders of that program.
/// </summary>
public interface IExtension
{
    /// <summary>Calls <see cref="Registry.Add{TOptions}"/> for each of its own options.</summary>
    void Register();
}
