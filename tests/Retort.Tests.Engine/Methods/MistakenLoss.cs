using Retort.Tensors;

namespace Retort.Tests.Methods;

/// <summary>What a loss of these tests does wrong.</summary>
public enum LossMistake { None, ReadsMissingWidth, TermOfTheBatch, NoGradient, OtherShapes }

/// <summary>Squared error of logits, with one mistake.</summary>
public sealed record MistakenLossOptions : LossOptions
{
    public LossMistake Mistake { get; init; }

    public override DistillationLoss Build(MethodContext context)
    {
        if (Mistake == LossMistake.ReadsMissingWidth)
            using (new Linear(context.Student.Width(Output.Embedding), context.Teacher!.Width(Output.Attentions)))
                return new MistakenLoss(Mistake);
        return new MistakenLoss(Mistake);
    }
}

[Paper("proof-mistaken-loss", "no paper: a loss with one mistake", 0)]
sealed class MistakenLoss(LossMistake mistake) : DistillationLoss
{
    /// <summary>How often a loss was computed.</summary>
    public static int Calls { get; private set; }

    public override RequiredOutputs Requires => Output.Logits;

    public override LossTerms Compute(Batch batch, Outputs teacher, Outputs student)
    {
        Calls++;
        var logits = mistake == LossMistake.OtherShapes ? student.Logits.narrow(1, 0, 2) : student.Logits;
        var squares = teacher.Logits.sub(logits).square();                  // [B, C]
        return new()
        {
            ["logits"] = mistake switch
            {
                LossMistake.TermOfTheBatch => squares.mean([1]),
                LossMistake.NoGradient => squares.mean().detach(),
                _ => squares.mean(),
            },
        };
    }
}
