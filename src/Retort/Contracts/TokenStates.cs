using System.Numerics;

namespace Retort.Contracts;

/// <summary>What methods share that compare hidden states of tokens.</summary>
static class TokenStates
{
    /// <summary>Refuses tasks that have no logits or values to learn beside the hidden states.</summary>
    public static void CheckTask(string method, MethodContext context)
    {
        var task = context.Task;
        var hasValues = task.Output == Output.Logits && context.Data.Targets == TargetKind.Values;
        if (!task.HasClassProbabilities && !hasValues) throw new InvalidOperationException(
            $"The method \"{method}\" fits the tasks \"classification\" and \"regression\"; this run's task is "
            + $"\"{task.Name}\".");
    }

    /// <summary>
    /// Refuses data without tokens, and networks whose hidden states are not of tokens. A network without hidden
    /// states passes: what the method requires refuses it.
    /// </summary>
    public static void CheckStates(string method, MethodContext context)
    {
        CheckData(method, context.Data);
        CheckTokens(method, "the teacher's", context.Teacher);
        CheckTokens(method, "the student's", context.Student);
        var (t, s) = (CountOf(context.Teacher), CountOf(context.Student));
        if (t != s && t > 0 && s > 0) throw new InvalidOperationException(Invariant(
            $"The method \"{method}\" compares the same tokens; the teacher's states are of {t} tokens and the ")
            + Invariant($"student's of {s}: give both networks patches of one size."));
    }

    /// <summary>Refuses data without tokens, or with other inputs for the teacher.</summary>
    public static void CheckData(string method, DatasetInfo data)
    {
        if (data.Input(InputNames.AttentionMask) is null) throw new InvalidOperationException(
            $"The method \"{method}\" compares the tokens of texts and needs the input {InputNames.AttentionMask}; the "
            + $"data has {data.Names}.");
        if (data.TeacherInputs is not null) throw new InvalidOperationException(
            $"The method \"{method}\" compares token by token, so teacher and student must have the same inputs; this "
            + "data gives the teacher inputs of its own.");
    }

    /// <summary>
    /// True at tokens, false at padding: the text's mask, and true at what follows the text in networks of texts and
    /// images, the image's patches. [B, T] bool; null where the batch has no mask, as of images alone
    /// </summary>
    /// <param name="batch">The examples.</param>
    /// <param name="tokens">T: the tokens of the network's states or maps.</param>
    public static Tensor? Mask(Batch batch, long tokens)
    {
        if (batch.Inputs.Find(InputNames.AttentionMask)?.ToMask() is not { } text) return null;
        if (batch.Inputs.Find(InputNames.PixelValues) is null || tokens <= text.size(1)) return text;

        var image = torch.ones(
            text.size(0), tokens - text.size(1), dtype: torch.ScalarType.Bool, device: text.device);
        return torch.cat([text, image], 1);
    }

    /// <summary>Refuses data of texts and images, where a method knows the tokens of texts alone.</summary>
    public static void CheckTextsAlone(string method, DatasetInfo data)
    {
        if (data.Input(InputNames.AttentionMask) is not null && data.Input(InputNames.PixelValues) is not null)
            throw new InvalidOperationException(
                $"{method} knows the tokens of texts, and not those of texts with images; the data has {data.Names}.");
    }

    /// <summary>
    /// The loss on the teacher's logits, without the factor T²: the cross-entropy of the classes at temperature T, or
    /// the squared error of the values divided by T.
    /// </summary>
    public static Tensor PredictionLoss(LearningTask task, Tensor t, Tensor s, double T) => task.HasClassProbabilities
        ? SoftCrossEntropy(t.Softmax(T), s.LogSoftmax(T))
        : MeanSquaredError(t.Times(1 / T), s.Times(1 / T));

    /// <summary>The hidden states that are compared, in pairs; 0 is the embedding output.</summary>
    /// <param name="alignment">Which.</param>
    /// <param name="teacher">The teacher's number of layers.</param>
    /// <param name="student">The student's number of layers.</param>
    public static IReadOnlyList<(int Teacher, int Student)> Aligned(
        LayerAlignment alignment, int teacher, int student)
    {
        var g = Math.Max((int)BigInteger.GreatestCommonDivisor(teacher, student), 1);
        var skipped = Enumerable.Range(0, g + 1).Select(k => (k * (teacher / g), k * (student / g)));
        (int, int) last = (teacher, student);
        return alignment switch
        {
            LayerAlignment.EmbeddingAndSkip => [.. skipped],
            LayerAlignment.Skip => [.. skipped.Skip(1)],
            LayerAlignment.Last => [last],
            LayerAlignment.EmbeddingAndLast => [(0, 0), last],
            _ => [(0, 0), (teacher / 2, student / 2), last],
        };
    }

    // 0 without hidden states
    static long CountOf(OutputShapes? shapes) =>
        shapes?.Keys.Contains(Output.HiddenStates) == true ? shapes[Output.HiddenStates][0][0] : 0;

    static void CheckTokens(string method, string whose, OutputShapes? shapes)
    {
        if (shapes?.Keys.Contains(Output.HiddenStates) != true) return;

        if (shapes[Output.HiddenStates].FirstOrDefault(shape => shape.Length != 2) is { } other)
            throw new InvalidOperationException(
                $"The method \"{method}\" compares hidden states of tokens, [tokens, width]; {whose} are "
                + $"[{string.Join(", ", other)}].");
    }
}
