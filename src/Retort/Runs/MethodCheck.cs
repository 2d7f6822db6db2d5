using Retort.Recipes;
using Retort.Training;
using static TorchSharp.torch;

namespace Retort.Runs;

/// <summary>
/// Refuses a recipe whose task, networks and method do not fit each other, before anything is trained or written: it
/// builds them and runs them on two examples.
/// </summary>
sealed class MethodCheck(JobContext context)
{
    readonly NetworkTrainer _trainer = new(context);

    /// <summary>Checks one recipe.</summary>
    /// <param name="recipe">The recipe, with the settings of a search's trial where there is one.</param>
    /// <param name="teacher">Its teacher, trained or not; null without one.</param>
    public void Check(Recipe recipe, ITeacher? teacher)
    {
        CheckSize();
        using var scope = NewDisposeScope();
        using var student = ModuleFactory.Create(() => recipe.Student.Build(context.Data.Info));
        student.to(context.Device);
        if (recipe.Method is not LossOptions loss)
        {
            var procedure = ((ProcedureOptions)recipe.Method).Build();
            procedure.Check(context.Task);
            procedure.CheckNetworks(
                context.Task, context.Data.Info, recipe.Student.Architecture(), TeacherModels.Of(recipe));
            NetworkTrainer.CheckOffered(recipe.Method, procedure.RequiredOfTeacher,
                teacher?.AvailableOutputs ?? OutputSet.None, "the teacher does not offer it");
            return;
        }
        if (!student.AvailableOutputs.Contains(context.Task.Output)) throw new InvalidOperationException(
            $"The task \"{context.Task.Name}\" scores {context.Task.Output.Title}, and the student has "
            + $"{student.AvailableOutputs}.");

        var steps = new Sampler(context.Data.Training.Count, recipe.Training.BatchSize, seed: 0).StepsPerEpoch
            * (long)recipe.Training.Epochs;
        var methodContext = _trainer.MethodContext(student, teacher, context.Data.Training, recipe.Training, steps);
        using var method = NetworkTrainer.Checked(loss.Build(methodContext), loss, student, teacher);
        if (methodContext.Teacher is not null) context.Task.CheckWidth(
            methodContext.Student.Width(context.Task.Output), methodContext.Teacher.Width(context.Task.Output));
    }

    // the confidence diversity of the report needs more than three neighbors
    void CheckSize()
    {
        var count = context.Data.Labelled.Count;
        if (count <= 3 && context.StoresTrainingPredictions && context.Task.HasClassProbabilities)
            throw new InvalidOperationException(
                Invariant($"The data \"{context.Data.Name}\" has {count} labelled training examples after the split; ")
                + "at least 4 are needed.");
    }
}
