using static Retort.Methods.ContextualRelationsOptions;

namespace Retort.Methods;

/// <summary>
/// The student learns the teacher's logits and the relations among hidden states: between the words of a layer, and
/// between the layers of a word. Relations are single numbers, so that widths, heads and depths may differ.
/// </summary>
[Paper("ckd", "Park, Kim, Yang, Distilling Linguistic Context for Language Model Compression, arXiv:2109.08359", 2021)]
public sealed partial class ContextualRelations(ContextualRelationsOptions options, LearningTask task)
    : DistillationLoss
{
    public override RequiredOutputs Requires => options.RequiredOfTeacher()!.Value;

    public override LossTerms Compute(Batch batch, Outputs teacher, Outputs student)
    {
        var terms = new LossTerms();
        var h = options.HardWeight;
        if (h > 0) terms["labels"] = task.SupervisedLoss(batch, student).Times(h);
        if (h < 1) terms["soft"] = TokenStates.PredictionLoss(
            task, teacher.Logits, student.Logits, options.Temperature).Times(1 - h);
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

    (Tensor Teacher, Tensor Student) Aligned(IReadOnlyList<Tensor> teacher, IReadOnlyList<Tensor> student)
    {
        var states = TokenStates.Aligned(options.Alignment, teacher.Count - 1, student.Count - 1);
        return (torch.stack(states.Select(state => teacher[state.Teacher].AtLeastFloat32()), 1),
            torch.stack(states.Select(state => student[state.Student].AtLeastFloat32()), 1));
    }
}
