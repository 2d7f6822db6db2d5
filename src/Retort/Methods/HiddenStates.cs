namespace Retort.Methods;

/// <summary>Options of <see cref="HiddenStates"/>. The weight is the paper's, §4.</summary>
public sealed record HiddenStatesOptions : LossOptions
{
    /// <summary>The weight of the hidden states' term.</summary>
    [NotNegative] public double Weight { get; init; } = 1;

    /// <summary>T of the logits. The loss is not multiplied by T².</summary>
    [Positive] public double Temperature { get; init; } = 1;

    /// <summary>The weight of the task's loss on the labels; the loss on the teacher's logits gets the rest.</summary>
    [Share] public double HardWeight { get; init; }

    /// <summary>The hidden states that are compared.</summary>
    public LayerAlignment Alignment { get; init; } = LayerAlignment.EmbeddingAndSkip;

    public override OutputSet? RequiredOfTeacher() => Output.Logits | Output.HiddenStates;

    public override DistillationLoss Build(MethodContext context)
    {
        OptionRules.Check(this);
        TokenStates.CheckTask("hidden-states", context);
        TokenStates.CheckStates("hidden-states", context);
        return new HiddenStates(this, context);
    }
}

/// <summary>
/// The student learns the teacher's logits and, token by token, its hidden states; where their widths differ, through
/// a linear projection that is trained with it and thrown away.
/// </summary>
[Paper("hidden-states", "Jiao, Yin, Shang, Jiang, Chen, Li, Wang, Liu, TinyBERT: Distilling BERT for Natural Language "
    + "Understanding, arXiv:1909.10351", 2020)]
public sealed class HiddenStates : DistillationLoss
{
    readonly HiddenStatesOptions _options;
    readonly LearningTask _task;
    readonly Linear? _projection;

    /// <summary>Makes the projection, where one is needed.</summary>
    public HiddenStates(HiddenStatesOptions options, MethodContext context)
    {
        (_options, _task) = (options, context.Task);
        var (t, s) = (context.Teacher?.Width(Output.HiddenStates) ?? 0, context.Student.Width(Output.HiddenStates));
        if (t != s && t > 0 && s > 0) _projection = new Linear(s, t);
    }

    public override RequiredOutputs Requires => _options.RequiredOfTeacher()!.Value;

    public override Module? State => _projection;

    public override LossTerms Compute(Batch batch, Outputs teacher, Outputs student)
    {
        var terms = new LossTerms();
        var h = _options.HardWeight;
        if (h > 0) terms["labels"] = _task.SupervisedLoss(batch, student).Times(h);
        if (h < 1) terms["soft"] = TokenStates.PredictionLoss(
            _task, teacher.Logits, student.Logits, _options.Temperature).Times(1 - h);

        var mask = TokenStates.Mask(batch, student.HiddenStates[0].size(1))!;                       // [B, T]
        var states = TokenStates.Aligned(
            _options.Alignment, teacher.HiddenStates.Count - 1, student.HiddenStates.Count - 1);
        var losses = states.Select(state => Loss(
            teacher.HiddenStates[state.Teacher], student.HiddenStates[state.Student], mask)).ToArray();     // each []
        terms["hidden_states"] = torch.stack(losses).mean().Times(_options.Weight);
        return terms;
    }

    // MSE(W s, t) over the real tokens, Eq. 8; 0 where there are none. [B, T, Dt], [B, T, Ds], [B, T] → []
    Tensor Loss(Tensor t, Tensor s, Tensor mask)
    {
        var (realT, realS) = (t.SelectTokens(mask).AtLeastFloat32(), s.SelectTokens(mask));     // [K, Dt], [K, Ds]
        var projected = (_projection?.call(realS) ?? realS).AtLeastFloat32();                       // [K, Dt]
        return projected.Subtract(realT).Squared().sum().Times(1.0 / Math.Max(realT.NumberOfElements, 1));
    }
}
