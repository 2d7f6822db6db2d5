using static Retort.Methods.ContextualRelationsOptions;

namespace Retort.Methods;

/// <remarks>This file: what it refuses.</remarks>
public sealed partial class ContextualRelations
{
    const string Subject = "The method \"ckd\"";

    /// <summary>Refuses tasks, data and networks that cannot be compared.</summary>
    internal static void Check(ContextualRelationsOptions options, MethodContext context)
    {
        CheckTask(context);
        if (!options.ComparesWords && !options.ComparesLayers) return;

        CheckInputs(context.Data);
        if (context.Teacher?.Keys.Contains(Output.HiddenStates) != true
            || !context.Student.Keys.Contains(Output.HiddenStates)) return;      // refused by what the method requires

        var (teacher, student) = (context.Teacher[Output.HiddenStates], context.Student[Output.HiddenStates]);
        CheckTokens(teacher, "the teacher's");
        CheckTokens(student, "the student's");
        if (options.ComparesLayers) CheckLayers(options.Alignment, teacher.Count - 1, student.Count - 1);
    }

    static void CheckTask(MethodContext context)
    {
        var task = context.Task;
        var hasValues = task.Output == Output.Logits && context.Data.Targets == TargetKind.Values;
        if (!task.HasClassProbabilities && !hasValues) throw new InvalidOperationException(
            $"{Subject} fits the tasks \"classification\" and \"regression\"; this run's task is \"{task.Name}\".");
    }

    static void CheckInputs(DatasetInfo data)
    {
        if (data.Input(InputNames.AttentionMask) is null) throw new InvalidOperationException(
            $"{Subject} compares the tokens of texts and needs the input {InputNames.AttentionMask}; the data has "
            + $"{data.Names}.");
        if (data.TeacherInputs is not null) throw new InvalidOperationException(
            $"{Subject} compares token by token, so teacher and student must have the same inputs; this data gives the "
            + "teacher inputs of its own.");
    }

    static void CheckTokens(IReadOnlyList<long[]> states, string whose)
    {
        if (states.FirstOrDefault(shape => shape.Length != 2) is { } other) throw new InvalidOperationException(
            $"{Subject} compares hidden states of tokens, [tokens, width]; {whose} are "
            + $"[{string.Join(", ", other)}].");
    }

    // with two points each softmax has one entry and there is no triple: the loss would be 0
    static void CheckLayers(LayerAlignment alignment, int teacher, int student)
    {
        var count = AlignedStates(alignment, teacher, student).Count;
        if (count < 3) throw new InvalidOperationException(Invariant(
            $"{Subject} compares at least 3 hidden states of a word; \"alignment\" finds {count} that a teacher of ")
            + Invariant($"{teacher} layers and a student of {student} share: set layerPairWeight and ")
            + "layerTripleWeight to 0, or choose other numbers of layers.");
    }
}
