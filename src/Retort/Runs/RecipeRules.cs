using Retort.Recipes;

namespace Retort.Runs;

/// <summary>Rules that need more than one part of a recipe.</summary>
static class RecipeRules
{
    /// <summary>Refuses a teacher of which nothing is needed, and a procedure without the teacher that it needs.</summary>
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
