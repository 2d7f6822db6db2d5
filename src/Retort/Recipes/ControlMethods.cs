using Retort.Contracts.Learners;
using Retort.Methods;

namespace Retort.Recipes;

/// <summary>The methods of networks for which a recipe names none: trained teachers and controls.</summary>
static class ControlMethods
{
    /// <summary>The method of a trained teacher: the task's supervised loss.</summary>
    public static MethodOptions Supervised => new LabelsOnlyOptions();

    /// <summary>
    /// Whether a recipe without a teacher has controls, by its method's name; a method that is not known here has.
    /// </summary>
    public static bool HasControl(string method) => !Registry.Methods.TryGetValue(method, out var options)
        || options != typeof(LabelsOnlyOptions) && !options.IsSubclassOf(typeof(LearnerOptions));

    /// <summary>
    /// The method of the control: the one that the recipe's procedure names, else the task's supervised loss. Null
    /// where the data has no targets to train by.
    /// </summary>
    public static MethodOptions? Of(MethodOptions method, LearningTask task)
    {
        if (method is ProcedureOptions procedure && procedure.Build().Control is { } named) return named;

        return task.HasTargets ? Supervised : null;
    }
}
