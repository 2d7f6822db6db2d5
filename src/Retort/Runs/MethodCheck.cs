using Retort.Recipes;
using Retort.Training;
using static TorchSharp.torch;

namespace Retort.Runs;

/// <summary>
/// Refuses a recipe whose task, networks and method do not fit each other, before anything is trained or written: it
/// builds them, runs them on two examples, and computes the loss of one batch and its gradient.
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
            CheckProcedure(recipe, student, teacher);
            return;                     // its losses appear while it runs: nothing shorter than a training tries them
        }
        if (!student.AvailableOutputs.Contains(context.Task.Output)) throw new InvalidOperationException(
            $"The task \"{context.Task.Name}\" scores {context.Task.Output.Title}, and the student has "
            + $"{student.AvailableOutputs}.");

        var steps = StepsOf(recipe, context.Data.Training);
        var methodContext = _trainer.MethodContext(student, teacher, context.Data.Training, recipe.Training, steps);
        using var method = NetworkTrainer.Checked(Build(loss, methodContext, student, teacher), loss, student, teacher);
        if (methodContext.Teacher is not null) context.Task.CheckWidth(
            methodContext.Student.Width(context.Task.Output), methodContext.Teacher.Width(context.Task.Output));
        TryLoss(recipe, loss, teacher, steps);
    }

    void CheckProcedure(Recipe recipe, Network student, ITeacher? teacher)
    {
        var procedure = ((ProcedureOptions)recipe.Method).Build();
        procedure.Check(context.Task);
        procedure.CheckNetworks(
            context.Task, context.Data.Info, recipe.Student.Architecture(), TeacherModels.Of(recipe));
        NetworkTrainer.CheckOffered(
            recipe.Method, new(procedure.RequiredOfTeacher, OutputSet.None), student.AvailableOutputs, teacher);
        if (recipe.Environment is not null) return;                         // no examples, and no teacher

        var split = teacher is null ? context.Data.Labelled : context.Data.Training;
        procedure.CheckShapes(
            _trainer.MethodContext(student, teacher, split, recipe.Training, StepsOf(recipe, split)));
    }

    static long StepsOf(Recipe recipe, IDataSplit split) => split.Count == 0 ? recipe.Training.Epochs
        : new Sampler(split.Count, recipe.Training.BatchSize, seed: 0).StepsPerEpoch * (long)recipe.Training.Epochs;

    // a method that takes a layer's size from an output that is missing fails with words about the layer
    static DistillationLoss Build(LossOptions loss, MethodContext methodContext, Network student, ITeacher? teacher)
    {
        try
        {
            return loss.Build(methodContext);
        }
        catch
        {
            var missed = methodContext.Teacher?.Missed ?? OutputSet.None;
            NetworkTrainer.CheckOffered(
                loss, new(missed, methodContext.Student.Missed), student.AvailableOutputs, teacher);
            throw;
        }
    }

    // The first batch of the first seed, as the training will have it; a teacher that is still to be trained has its
    // initial weights. A mistake in a loss would else appear when the teacher has been trained.
    void TryLoss(Recipe recipe, LossOptions loss, ITeacher? teacher, long steps)
    {
        using var generator = random.get_rng_state();
        var split = recipe.Teacher is null ? context.Data.Labelled : context.Data.Training;
        try
        {
            using var trainer = new Trainer(new()
            {
                Part = "the first batch",
                Folder = "",
                Task = context.Task,
                Build = () => recipe.Student.Build(split.Info),
                Method = student => loss.Build(
                    _trainer.MethodContext(student, teacher, split, recipe.Training, steps)),
                Teacher = teacher,
                Data = split,
                Validation = split,
                Options = recipe.Training with { Tensorboard = false },
                Steps = steps,
                StepsPerEpoch = steps,
                Seed = context.Run.Info.Seeds[0],
                RecipeHash = "",
                Device = context.Device,
            });
            trainer.TryFirstStep();
        }
        finally
        {
            random.set_rng_state(generator);
        }
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
