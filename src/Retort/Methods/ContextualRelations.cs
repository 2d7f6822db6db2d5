using System.Numerics;

namespace Retort.Methods;

/// <summary>
/// Options of <see cref="ContextualRelations"/>. The defaults of window, weights and temperature are those of GLMKD's
/// port, one setting for all tasks; the authors' code has a setting for each task.
/// </summary>
public sealed record ContextualRelationsOptions : LossOptions
{
    /// <summary>The weight of the cosines of pairs of words.</summary>
    [NotNegative] public double WordPairWeight { get; init; } = 1;

    /// <summary>The weight of the angles of triples of words.</summary>
    [NotNegative] public double WordTripleWeight { get; init; } = 10;

    /// <summary>The weight of the cosines of pairs of a word's layers.</summary>
    [NotNegative] public double LayerPairWeight { get; init; } = 1;

    /// <summary>The weight of the angles of triples of a word's layers.</summary>
    [NotNegative] public double LayerTripleWeight { get; init; } = 10;

    /// <summary>
    /// The words of a triple lie within this many tokens, as many before as after the one at the angle's vertex.
    /// </summary>
    [AtLeast(3), Odd] public int Window { get; init; } = 21;

    /// <summary>T of the logits. The loss is not multiplied by T².</summary>
    [Positive] public double Temperature { get; init; } = 3;

    /// <summary>The temperature of the softmax over cosines.</summary>
    [Positive] public double PairTemperature { get; init; } = 1;

    /// <summary>The weight of the task's loss on the labels; the loss on the teacher's logits gets the rest.</summary>
    [Share] public double HardWeight { get; init; }

    /// <summary>The hidden states that are compared.</summary>
    public LayerAlignment Alignment { get; init; } = LayerAlignment.EmbeddingAndSkip;

    /// <summary>What sums over pairs and triples are divided by.</summary>
    public RelationNormalization Normalization { get; init; } = RelationNormalization.Strict;

    internal bool ComparesWords => WordPairWeight > 0 || WordTripleWeight > 0;

    internal bool ComparesLayers => LayerPairWeight > 0 || LayerTripleWeight > 0;

    public override DistillationLoss Build(MethodContext context)
    {
        ContextualRelationsCheck.Check(OptionRules.Check(this), context);
        return new ContextualRelations(this, context.Task);
    }
}

/// <summary>
/// The student learns the teacher's logits and the relations among hidden states: between the words of a layer, and
/// between the layers of a word. Relations are single numbers, so that widths, heads and depths may differ.
/// </summary>
[Paper("ckd", "Park, Kim, Yang, Distilling Linguistic Context for Language Model Compression, arXiv:2109.08359", 2021)]
public sealed class ContextualRelations(ContextualRelationsOptions options, LearningTask task) : DistillationLoss
{
    public override RequiredOutputs Requires => options.ComparesWords || options.ComparesLayers
        ? Output.Logits | Output.HiddenStates
        : Output.Logits;

    public override LossTerms Compute(Batch batch, Outputs teacher, Outputs student)
    {
        var terms = new LossTerms();
        var h = options.HardWeight;
        if (h > 0) terms["labels"] = task.SupervisedLoss(batch, student).Times(h);
        if (h < 1) terms["soft"] = PredictionLoss(teacher.Logits, student.Logits).Times(1 - h);
        if (!Requires.Student.Contains(Output.HiddenStates)) return terms;

        var mask = batch.Inputs.AttentionMask.ToMask();                     // [B, T]
        var (t, s) = Aligned(teacher.HiddenStates, student.HiddenStates);   // [B, M, T, Dt], [B, M, T, Ds]
        Shape.Check(
            (mask, "B T", "attention_mask"), (t, "B M T Dt", "the teacher's hidden states"),
            (s, "B M T Ds", "the student's hidden states"));
        if (options.ComparesWords) AddRelations(terms, "word", Relations.OfWords(t, s, mask));
        if (options.ComparesLayers) AddRelations(terms, "layer", Relations.OfLayers(t, s, mask));
        return terms;
    }

    void AddRelations(LossTerms terms, string kind, Relations relations)
    {
        var isWord = kind == "word";
        var pairs = isWord ? options.WordPairWeight : options.LayerPairWeight;
        var triples = isWord ? options.WordTripleWeight : options.LayerTripleWeight;
        if (pairs > 0) terms[$"{kind}_pairs"] =
            relations.PairLoss(options.PairTemperature, options.Normalization).Times(pairs);
        if (triples > 0) terms[$"{kind}_triples"] =
            relations.TripleLoss(isWord ? options.Window : null, options.Normalization).Times(triples);
    }

    // without the factor T²
    Tensor PredictionLoss(Tensor t, Tensor s)
    {
        var T = options.Temperature;
        return task.HasClassProbabilities
            ? SoftCrossEntropy(t.Softmax(T), s.LogSoftmax(T))
            : MeanSquaredError(t.Times(1 / T), s.Times(1 / T));
    }

    (Tensor Teacher, Tensor Student) Aligned(IReadOnlyList<Tensor> teacher, IReadOnlyList<Tensor> student)
    {
        var states = AlignedStates(options.Alignment, teacher.Count - 1, student.Count - 1);
        return (torch.stack(states.Select(state => teacher[state.Teacher].AtLeastFloat32()), 1),
            torch.stack(states.Select(state => student[state.Student].AtLeastFloat32()), 1));
    }

    /// <summary>The hidden states that are compared, in pairs; 0 is the embedding output.</summary>
    /// <param name="alignment">Which.</param>
    /// <param name="teacher">The teacher's number of layers.</param>
    /// <param name="student">The student's number of layers.</param>
    internal static IReadOnlyList<(int Teacher, int Student)> AlignedStates(
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
}
