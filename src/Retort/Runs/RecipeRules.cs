using System.Text.Json.Nodes;
using Retort.Recipes;
using Retort.Training;

namespace Retort.Runs;

/// <summary>Rules about several sections of a recipe.</summary>
static class RecipeRules
{
    /// <summary>
    /// Refuses a teacher that the method does not use, a procedure without the teacher that it needs, and options of
    /// <c>training</c> that a procedure would not use while the control does.
    /// </summary>
    public static void Check(Recipe recipe)
    {
        if (recipe.Environment is not null) CheckEnvironment(recipe);
        if (recipe.Method is not ProcedureOptions options) return;

        var procedure = options.Build();
        var name = Recipe.Write(recipe.Method)["name"];
        CheckTeacher(recipe, procedure.RequiredOfTeacher, name);
        if (procedure.TrainsInLoops) CheckTraining(recipe.Training, name);
    }

    // what a policy's training does not use must not be in the recipe
    static void CheckEnvironment(Recipe recipe)
    {
        if (recipe.Method is LossOptions) throw new InvalidOperationException(
            $"The method {Recipe.Write(recipe.Method)["name"]} learns from examples, and the recipe has an "
            + "environment: choose ddpg, ppo or dpd, or name data in its place.");
        var usual = new TrainingOptions { CheckpointSeconds = recipe.Training.CheckpointSeconds };
        if (!JsonNode.DeepEquals(Recipe.Write(recipe.Training), Recipe.Write(usual)))
            throw new InvalidOperationException("A recipe with an environment has only checkpointSeconds in training: "
                + "steps, batches and learning rates are options of the method.");
        if (recipe.Tuning is not null) throw new InvalidOperationException(
            "A recipe with an environment has no tuning, which tries training.learningRate: a search over the "
            + "method's own learning rates does the same.");
    }

    static void CheckTeacher(Recipe recipe, OutputSet required, JsonNode? name)
    {
        if (required.IsEmpty && recipe.Teacher is not null) throw new InvalidOperationException(
            $"The method {name} takes no teacher from the recipe: leave teacher out.");
        if (!required.IsEmpty && recipe.Teacher is null) throw new InvalidOperationException(
            $"The method {name} needs {required} of a teacher, and the recipe has no teacher.");
    }

    static void CheckTraining(TrainingOptions training, JsonNode? name)
    {
        if (training.Precision != TrainingPrecision.Float32) throw new InvalidOperationException(
            $"The method {name} trains its student in float32: leave training.precision out of the recipe.");
        if (training.EmaDecay is not null) throw new InvalidOperationException(
            $"The method {name} keeps no moving average of its student: leave training.emaDecay out of the recipe.");
    }
}
