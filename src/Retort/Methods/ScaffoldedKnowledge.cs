namespace Retort.Methods;

/// <summary>
/// A student much smaller than its teacher is excused from examples that it cannot learn: a guide adds g to its
/// probabilities before they are compared with the teacher's, within a budget. Guide and student learn in turn.
/// </summary>
[Paper("disk", "Kag, Acar, Gangrade, Saligrama, Scaffolding a Student to Instill Knowledge, ICLR 2023", 2023)]
public sealed partial class ScaffoldedKnowledge(ScaffoldedKnowledgeOptions options) : Procedure
{
    const string Network = "scaffolded";

    public override OutputSet RequiredOfTeacher =>
        options.TrainsGuide ? Output.Logits | Output.Embedding : Output.Logits;

    public override bool TrainsInLoops => true;

    public override void Check(LearningTask task) => task.RequireClassProbabilities("disk");

    public override void CheckShapes(MethodContext context)
    {
        if (options.Guide == ScaffoldedKnowledgeOptions.GuideKind.Embedding && context.BatchSize < 2)
            throw new InvalidOperationException("The guide \"embedding\" of the method \"disk\" normalizes over a "
                + "batch: training.batchSize must be at least 2; it is 1.");
    }

    public override ProcedureResult Run(ProcedureContext context)
    {
        using var scope = torch.NewDisposeScope();
        using var student = context.NewStudent();
        using var optimizer = context.NewOptimizer(student.ParametersWithNames());
        var warmUp = (long)Math.Round(context.Steps * options.WarmUpSteps);
        var learner = new Learner(context, student, optimizer);
        using var kd = new Loss(options, guide: null);
        context.Loop(new()
        {
            Name = "warm-up",
            Steps = warmUp,
            State = () => learner.State,
            Step = step => learner.Step(kd, RequiredOfTeacher, step),
        });

        using var rounds = new GuideRounds(options, context, EmbeddingsOf(context), warmUp);
        using var loss = new Loss(options, rounds.Guide);
        context.Loop(new()
        {
            Name = "rounds",
            Steps = context.Steps - warmUp,
            State = () => learner.State.Concat(rounds.State),
            Step = step =>
            {
                rounds.Begin(step, student);
                return learner.Step(loss, RequiredOfTeacher, warmUp + step);
            },
        });

        context.SaveNetwork(Network, student);
        context.MeasureTerms(loss, student, OnValidation(context));
        return new([new(Network)])
        {
            Figures = rounds.Measured?.Figures(),
            Curves = rounds.Measured?.Curves(),
            Examples = rounds.Measured?.Examples(),
        };
    }

    // the teacher's, of all training examples; null for a guide that reads none
    Predictions? EmbeddingsOf(ProcedureContext context) => options.TrainsGuide
        ? context.Predict(context.Teacher!, context.Training, Output.Embedding)[Output.Embedding] : null;

    // a cached teacher has no outputs on validation for its Forward; in a search's trial nothing is measured
    Func<Batch, Outputs> OnValidation(ProcedureContext context)
    {
        var outputs = new Lazy<IReadOnlyDictionary<OutputKey, Predictions>>(
            () => context.Predict(context.Teacher!, context.Data.Validation, RequiredOfTeacher));
        var positions = new Lazy<Dictionary<long, int>>(() => outputs.Value.Values.First().Ids.Index()
            .ToDictionary(one => one.Item, one => one.Index));
        return batch =>
        {
            int[] rows = [.. batch.Ids.Select(id => positions.Value[id])];
            return Outputs.From(outputs.Value.Select(
                one => (one.Key, (IReadOnlyList<Tensor>)[one.Value.RowsOf(rows).to(context.Device)])));
        };
    }

    /// <summary>The student and its optimizer.</summary>
    sealed class Learner(ProcedureContext context, Network student, Optimizer optimizer)
    {
        public IEnumerable<KeyValuePair<string, Tensor>> State => student.state_dict().Concat(optimizer.State);

        /// <summary>One step of the student, by a loss that changes nothing else.</summary>
        /// <param name="loss">What it minimizes.</param>
        /// <param name="outputs">The outputs of the teacher.</param>
        /// <param name="step">The step's index in the whole training.</param>
        public double Step(DistillationLoss loss, OutputSet outputs, long step)
        {
            optimizer.ZeroGrad();
            var batch = context.BatchAt(context.Training, step);
            var teacher = context.Teacher!.Forward(batch, outputs);
            student.train();
            var total = loss.Compute(batch, teacher, student.Forward(batch.Inputs, Output.Logits)).Total;
            total.backward();
            optimizer.Step(context.LearningRate(step, context.Steps), context.MaxGradientNorm);
            return total.ToSingle();
        }
    }
}
