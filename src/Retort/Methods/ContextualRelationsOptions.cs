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

    public override OutputSet? RequiredOfTeacher() =>
        ComparesWords || ComparesLayers ? Output.Logits | Output.HiddenStates : Output.Logits;

    public override DistillationLoss Build(MethodContext context)
    {
        ContextualRelations.Check(OptionRules.Check(this), context);
        return new ContextualRelations(this, context.Task);
    }

    /// <summary>What sums over pairs and triples are divided by, and which triples are summed.</summary>
    public enum RelationNormalization
    {
        /// <summary>
        /// The number of pairs or triples of different real tokens. Only these are summed, so that padding changes
        /// nothing.
        /// </summary>
        Strict,

        /// <summary>
        /// As in the authors' code: divisors count a token's pairs and triples with itself too, and at the ends of a
        /// text the window repeats the first or last position, padding included. For comparisons with published
        /// weights.
        /// </summary>
        Released,
    }
}
