using Retort.Recipes;
using Retort.Teachers;

namespace Retort.Runs;

/// <summary>The networks behind a recipe's teachers.</summary>
static class TeacherModels
{
    /// <summary>
    /// The network of a recipe's teacher, cached or not; null without a teacher, and for one that is no network of
    /// Retort's.
    /// </summary>
    public static ModelOptions? Of(Recipe recipe) => recipe.TeacherItself switch
    {
        TrainedTeacherOptions trained => trained.Network.Architecture(),
        CheckpointTeacherOptions checkpoint => checkpoint.Network.Architecture(),
        _ => null,
    };
}
