using static Retort.Methods.AttentionMapsOptions;

namespace Retort.Methods;

/// <summary>Options of <see cref="AttentionMaps"/>.</summary>
public sealed record AttentionMapsOptions : AttentionOptions
{
    /// <summary>Which heads are compared.</summary>
    public ComparedHeads Heads { get; init; } = ComparedHeads.Mean;

    /// <summary>How two maps are compared.</summary>
    public MapLoss Loss { get; init; } = MapLoss.Kl;

    public override DistillationLoss Build(MethodContext context)
    {
        AttentionCheck.Check(AttentionMaps.Method, this, context);
        AttentionMaps.CheckHeads(this, context);
        return new AttentionMaps(this, context.Task);
    }

    /// <summary>Which heads are compared.</summary>
    public enum ComparedHeads
    {
        /// <summary>The mean of the teacher's heads with the mean of the student's, of any numbers.</summary>
        Mean,

        /// <summary>Head by head in order; both need the same number.</summary>
        OneToOne,

        /// <summary>Head by head in order; what one network has more than the other is left out.</summary>
        First,
    }

    /// <summary>How two maps are compared.</summary>
    public enum MapLoss
    {
        /// <summary>KL divergence of the maps divided by their sums, summed over heads.</summary>
        Kl,

        /// <summary>The mean over heads, queries and keys of the squared difference.</summary>
        SquaredError,
    }
}

/// <summary>
/// The student learns the teacher's logits and its attention maps, head by head or the mean of the heads: the baselines
/// of <see cref="AttentionAlignment"/>.
/// </summary>
[Paper("attention-maps", "Jiao, Yin, Shang, Jiang, Chen, Li, Wang, Liu, TinyBERT: Distilling BERT for Natural Language "
    + "Understanding, arXiv:1909.10351", 2020)]
public sealed class AttentionMaps(AttentionMapsOptions options, LearningTask task) : DistillationLoss
{
    internal const string Method = "attention-maps";

    public override RequiredOutputs Requires => new(options.RequiredOfTeacher()!.Value, options.RequiredOfStudent);

    public override LossTerms Compute(Batch batch, Outputs teacher, Outputs student) =>
        options.Terms(task, batch, teacher, student, Loss);

    /// <summary>Refuses heads that cannot be compared one to one.</summary>
    internal static void CheckHeads(AttentionMapsOptions options, MethodContext context)
    {
        if (options is not { Heads: ComparedHeads.OneToOne, AttentionWeight: > 0 }) return;

        var (t, s) = (context.Teacher?.Widths(Output.Attentions) ?? [], context.Student.Widths(Output.Attentions));
        if (t.Count == 0 || s.Count == 0) return;                           // refused by what the method requires

        foreach (var (teacher, student) in options.Pairs(t.Count, s.Count))
            if (t[teacher] != s[student]) throw new InvalidOperationException(Invariant(
                $"The method \"{Method}\" with \"heads\": \"oneToOne\" needs as many heads in both networks; the ")
                + Invariant($"teacher has {t[teacher]} and the student {s[student]}: set \"heads\" to \"mean\" or ")
                + "\"first\", or use the method \"amad\".");
    }

    /// <summary>The loss of a pair of layers. []</summary>
    internal Tensor Loss(AttentionPair maps, int layer)
    {
        var (t, s) = options.Heads == ComparedHeads.Mean
            ? (maps.Teacher.mean([1], keepdim: true), maps.Student.mean([1], keepdim: true))    // [B, 1, T, T]
            : (First(maps.Teacher), First(maps.Student));                                       // [B, H, T, T]
        if (options.Loss == MapLoss.Kl) return HeadRows.SumOfKl(
            HeadRows.Shares(t.flatten(2)), HeadRows.Shares(s.flatten(2))).Times(1.0 / t.size(0));

        var cells = maps.Real.MaskToWeights(s.dtype).sum().Times(t.size(1));
        return s.Subtract(t).Squared().sum().DividedBy(cells.AtLeastOne());                     // Eq. 7

        Tensor First(Tensor x) => x.narrow(1, 0, Math.Min(maps.Teacher.size(1), maps.Student.size(1)));
    }
}
