namespace Retort.Contracts;

/// <summary>
/// The attention maps of one of the teacher's layers and one of the student's, for the same tokens. What belongs to
/// padding, as query or as key, is 0. B examples, H heads, T tokens.
/// </summary>
/// <param name="Teacher">[B, Ht, T, T], at least float32</param>
/// <param name="Student">[B, Hs, T, T], at least float32</param>
/// <param name="Real">False where the query or the key is padding. [B, 1, T, T] bool</param>
readonly record struct AttentionPair(Tensor Teacher, Tensor Student, Tensor Real)
{
    /// <summary>
    /// The pair with what belongs to padding set to 0: not even NaN in it affects values or gradients.
    /// </summary>
    /// <param name="teacher">[B, Ht, T, T]</param>
    /// <param name="student">[B, Hs, T, T]</param>
    /// <param name="mask">True at tokens, false at padding. [B, T] bool; null without padding</param>
    public static AttentionPair Masked(Tensor teacher, Tensor student, Tensor? mask)
    {
        var (batch, tokens) = (student.size(0), student.size(-1));
        mask ??= torch.ones(batch, tokens, dtype: torch.ScalarType.Bool, device: student.device);
        Shape.Check(
            (mask, "B T", "attention_mask"), (teacher, "B Ht T T", "the teacher's attentions"),
            (student, "B Hs T T", "the student's attentions"));
        var real = mask.unsqueeze(1).logical_and(mask.unsqueeze(2)).unsqueeze(1);               // [B, 1, T, T]
        return new(teacher.AtLeastFloat32().Where(real, 0), student.AtLeastFloat32().Where(real, 0), real);
    }

    /// <summary>Each head's map as one row. [B, H, T, T] → [B, H, T · T]</summary>
    public HeadRows Maps() => new(Teacher.flatten(2), Student.flatten(2));

    /// <summary>Each head's probabilities of one query as one row. [B, H, T, T] → [B · T, H, T]</summary>
    public HeadRows Queries() => new(Teacher.transpose(1, 2).flatten(0, 1), Student.transpose(1, 2).flatten(0, 1));
}

/// <summary>Rows of G groups, one row for each head. N cells.</summary>
/// <param name="Teacher">[G, Ht, N]</param>
/// <param name="Student">[G, Hs, N]</param>
readonly record struct HeadRows(Tensor Teacher, Tensor Student)
{
    const double Epsilon = 1e-8;                                            // added in logarithms
    const double Tiny = 1e-12;                                              // added to sums, which may be 0

    /// <summary>Rows divided by their sum; a row of zeros stays. [.., N] → [.., N]</summary>
    public static Tensor Shares(Tensor rows) => rows.div(rows.sum(-1L, keepdim: true).Add(Tiny));

    /// <summary>
    /// The sum over all rows of KL(p ‖ q) = Σ p (log (p + ε) − log (q + ε)). [.., N], [.., N] → []
    /// </summary>
    public static Tensor SumOfKl(Tensor p, Tensor q) =>
        p.mul(p.Add(Epsilon).Log().Subtract(q.Add(Epsilon).Log())).sum();
}
