namespace Retort.Contracts;

/// <summary>What the methods refuse that compare attention maps.</summary>
static class AttentionCheck
{
    /// <summary>
    /// Refuses tasks, data and networks whose attention maps cannot be compared. Networks without attentions pass: what
    /// the method requires refuses them.
    /// </summary>
    public static void Check(string method, AttentionOptions options, MethodContext context)
    {
        OptionRules.Check(options);
        TokenStates.CheckTask(method, context);
        if (options.AttentionWeight == 0) return;

        CheckData(method, context.Data);
        var (t, s) = (context.Teacher?.Widths(Output.Attentions) ?? [], context.Student.Widths(Output.Attentions));
        if (t.Count == 0 || s.Count == 0) return;

        CheckLayers(method, options, t.Count, s.Count);
        CheckTokens(method, context.Teacher![Output.Attentions][0], context.Student[Output.Attentions][0]);
    }

    static void CheckData(string method, DatasetInfo data)
    {
        var hasMask = data.Input(InputNames.AttentionMask) is not null;
        if (!hasMask && data.Input(InputNames.PixelValues) is null) throw new InvalidOperationException(
            $"The method \"{method}\" compares attention maps and needs the input {InputNames.AttentionMask}, or "
            + $"{InputNames.PixelValues} for images; the data has {data.Names}.");
        if (hasMask && data.TeacherInputs is not null) throw new InvalidOperationException(
            $"The method \"{method}\" compares attention among tokens, so teacher and student must have the same "
            + "inputs; this data gives the teacher inputs of its own.");
    }

    static void CheckLayers(string method, AttentionOptions options, int teacher, int student)
    {
        if (options.TeacherLayers is not { } layers) return;

        if (layers.Count != student) throw new InvalidOperationException(Invariant(
            $"\"teacherLayers\" of the method \"{method}\" must name a layer for each of the student's {student} ")
            + Invariant($"layers; it names {layers.Count}."));
        if (layers.Max() > teacher) throw new InvalidOperationException(Invariant(
            $"\"teacherLayers\" of the method \"{method}\" must be from 1 to {teacher}, the teacher's number of ")
            + Invariant($"layers; {layers.Max()} is among them."));
    }

    static void CheckTokens(string method, long[] teacher, long[] student)
    {
        if (!teacher.AsSpan(1).SequenceEqual(student.AsSpan(1))) throw new InvalidOperationException(
            $"The method \"{method}\" compares attention among the same tokens, [heads, tokens, tokens]; the "
            + $"teacher's are [{string.Join(", ", teacher)}] and the student's [{string.Join(", ", student)}].");
    }
}
