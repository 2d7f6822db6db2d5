namespace Retort.Methods;

/// <remarks>This file: what it refuses.</remarks>
public sealed partial class ContextualRelations
{
    const string Method = "ckd";

    /// <summary>Refuses tasks, data and networks that cannot be compared.</summary>
    internal static void Check(ContextualRelationsOptions options, MethodContext context)
    {
        TokenStates.CheckTask(Method, context);
        if (!options.ComparesWords && !options.ComparesLayers) return;

        TokenStates.CheckStates(Method, context);
        TokenStates.CheckTextsAlone($"The method \"{Method}\"", context.Data);
        if (context.Teacher?.Keys.Contains(Output.HiddenStates) != true
            || !context.Student.Keys.Contains(Output.HiddenStates)) return;      // refused by what the method requires

        if (options.ComparesLayers) CheckLayers(
            options.Alignment, context.Teacher[Output.HiddenStates].Count - 1,
            context.Student[Output.HiddenStates].Count - 1);
    }

    // with two points each softmax has one entry and there is no triple: the loss would be 0
    static void CheckLayers(LayerAlignment alignment, int teacher, int student)
    {
        var count = TokenStates.Aligned(alignment, teacher, student).Count;
        if (count < 3) throw new InvalidOperationException(Invariant(
            $"The method \"{Method}\" compares at least 3 hidden states of a word; \"alignment\" finds {count} that ")
            + Invariant($"a teacher of {teacher} layers and a student of {student} share: set layerPairWeight and ")
            + "layerTripleWeight to 0, or choose other numbers of layers.");
    }
}
