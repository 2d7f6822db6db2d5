namespace Retort.Contracts;

/// <summary>
/// Options of the methods that compare attention maps. The objective is the labels' loss, the logits' and the
/// attentions', each times its weight.
/// </summary>
public abstract record AttentionOptions : LossOptions, IValidated
{
    /// <summary>The weight of the task's loss on the labels.</summary>
    [NotNegative] public double LabelWeight { get; init; } = 1;

    /// <summary>γ: the weight of the loss on the teacher's logits.</summary>
    [NotNegative] public double LogitWeight { get; init; } = 1;

    /// <summary>λ: the weight of the loss on attention maps.</summary>
    [NotNegative] public double AttentionWeight { get; init; } = 1;

    /// <summary>T of the logits. The loss is not multiplied by T².</summary>
    [Positive] public double Temperature { get; init; } = 1;

    /// <summary>Which of the teacher's layers each of the student's layers is compared with.</summary>
    public AttentionLayers Layers { get; init; } = AttentionLayers.Uniform;

    /// <summary>
    /// The teacher's layer for each of the student's layers, in order, the first being 1: another choice than
    /// <see cref="Layers"/>.
    /// </summary>
    [NotEmpty("layer"), AtLeast(1)] public IReadOnlyList<int>? TeacherLayers { get; init; }

    internal OutputSet RequiredOfStudent => Output.Logits | Attentions;

    OutputSet Attentions => AttentionWeight > 0 ? Output.Attentions : OutputSet.None;

    public override OutputSet? RequiredOfTeacher() => LogitWeight > 0 ? Output.Logits | Attentions : Attentions;

    /// <summary>Refuses an objective without terms, and two choices of layers.</summary>
    public OptionError? Validate() =>
        LabelWeight == 0 && LogitWeight == 0 && AttentionWeight == 0
            ? new(nameof(AttentionWeight), "must not be 0 where labelWeight and logitWeight are 0.")
        : TeacherLayers is not null && Layers != AttentionLayers.Uniform
            ? new(nameof(Layers), "has no effect where teacherLayers is set: leave one of them out.")
        : null;

    /// <summary>The terms of the objective; one whose weight is 0 is not computed.</summary>
    /// <param name="task">It gives the labels' loss.</param>
    /// <param name="batch">The examples.</param>
    /// <param name="teacher">Its logits and attentions, as far as they are needed.</param>
    /// <param name="student">Likewise.</param>
    /// <param name="loss">The loss of a pair of layers, [], and the student's layer, counted from 0.</param>
    internal LossTerms Terms(LearningTask task, Batch batch, Outputs teacher, Outputs student,
        Func<AttentionPair, int, Tensor> loss)
    {
        var terms = new LossTerms();
        if (LabelWeight > 0) terms["labels"] = task.SupervisedLoss(batch, student).Times(LabelWeight);
        if (LogitWeight > 0) terms["soft"] = TokenStates.PredictionLoss(
            task, teacher.Logits, student.Logits, Temperature).Times(LogitWeight);
        if (AttentionWeight > 0) terms["attentions"] =
            MeanLoss(batch, teacher.Attentions, student.Attentions, loss).Times(AttentionWeight);
        return terms;
    }

    // over the pairs of layers, []; images alone have no padding, and no mask
    Tensor MeanLoss(Batch batch, IReadOnlyList<Tensor> teacher, IReadOnlyList<Tensor> student,
        Func<AttentionPair, int, Tensor> loss)
    {
        var mask = TokenStates.Mask(batch, student[0].size(-1));                                // [B, T]
        var losses = Pairs(teacher.Count, student.Count).Select(pair => loss(
            AttentionPair.Masked(teacher[pair.Teacher], student[pair.Student], mask), pair.Student));
        return torch.stack(losses).mean();
    }

    /// <summary>The pairs of layers that are compared, counted from 0.</summary>
    /// <param name="teacher">The teacher's number of layers.</param>
    /// <param name="student">The student's number of layers.</param>
    internal IReadOnlyList<(int Teacher, int Student)> Pairs(int teacher, int student) =>
        [.. Enumerable.Range(1, student).Select(j => (TeacherLayer(j, teacher, student) - 1, j - 1))];

    // of the student's layer j, counted from 1
    int TeacherLayer(int j, int teacher, int student)
    {
        if (TeacherLayers is not null) return TeacherLayers[j - 1];
        if (Layers == AttentionLayers.Uniform || student == 1) return Math.Max(Rounded(j * teacher, student), 1);

        return 1 + Rounded((j - 1) * (teacher - 1), student - 1);
    }

    static int Rounded(int numerator, int denominator) => (2 * numerator + denominator) / (2 * denominator);
}
