using Retort.Recipes;

namespace Retort.Runs;

/// <summary>Rules about several sections of a recipe.</summary>
static class RecipeRules
{
    /// <summary>
    /// Refuses a teacher that the method does not use, and a procedure without the teacher that it needs.
    /// </summary>
    public static void CheckTeacher(Recipe recipe)
    {
        if (recipe.Method is not ProcedureOptions procedure) return;

        var required = procedure.Build().RequiredOfTeacher;
        var name = Recipe.Write(recipe.Method)["name"];
        if (required.IsEmpty && recipe.Teacher is not null) throw new InvalidOperationException(
            $"The method {name} trains its own teachers: leave teacher out of the recipe.");
        if (!required.IsEmpty && recipe.Teacher is null) throw new InvalidOperationException(
            $"The method {name} needs {required} of a teacher, and the recipe has no teacher.");
    }
}
