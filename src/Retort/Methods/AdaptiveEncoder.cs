namespace Retort.Methods;

/// <summary>
/// One encoder whose parts are encoders of several widths and depths: the teacher's network, with its most important
/// heads and neurons first, is trained so that each part predicts like the whole. The student is cut out of it.
/// </summary>
[Paper("dynabert", "Hou, Huang, Shang, Jiang, Chen, Liu, DynaBERT: Dynamic BERT with Adaptive Width and Depth, "
    + "arXiv:2004.04037", 2020)]
public sealed partial class AdaptiveEncoder(AdaptiveEncoderOptions options) : Procedure
{
    static readonly OutputSet s_outputs = Output.Logits | Output.HiddenStates;

    public override OutputSet RequiredOfTeacher => s_outputs;

    public override bool TrainsInLoops => true;

    public override void Check(LearningTask task) => task.RequireClassProbabilities("dynabert");

    public override ProcedureResult Run(ProcedureContext context)
    {
        using var scope = torch.NewDisposeScope();
        var encoder = context.TeacherModel!.Encoder()!;
        using var whole = context.CopyTeacher();
        Order(context, whole, encoder);
        var widthSteps = (long)Math.Round(context.Steps * options.WidthSteps);

        // phase 1: the widths at full depth; the teacher is the recipe's
        Train(context, whole, new()
        {
            Name = "width",
            Parts = PartsOf(encoder, options.Widths, [1]),
            Steps = widthSteps,
            StateWeight = options.WidthStateWeight,
            Teacher = batch => context.Teacher!.Forward(batch, s_outputs),
        });

        // phase 2: all parts; the teacher is the whole network after phase 1
        using var teacher = Copy(context, whole);
        Train(context, whole, new()
        {
            Name = "depth",
            Parts = PartsOf(encoder, options.Widths, options.Depths),
            First = widthSteps,
            Steps = context.Steps - widthSteps,
            StateWeight = options.DepthStateWeight,
            Teacher = OutputsOf(teacher),
        });
        return new(Save(context, whole, OutputsOf(teacher)));
    }

    /// <summary>One loop of the training: its parts, its steps, and what they learn from.</summary>
    sealed record Phase
    {
        public required string Name { get; init; }

        public required IReadOnlyList<Part> Parts { get; init; }

        /// <summary>The first step's position in the order of the examples.</summary>
        public long First { get; init; }

        public required long Steps { get; init; }

        public required double StateWeight { get; init; }

        public required Func<Batch, Outputs> Teacher { get; init; }
    }

    // each step adds up the gradients of all parts in the whole network
    void Train(ProcedureContext context, Network whole, Phase phase)
    {
        List<Cut> cuts = [.. phase.Parts.Select(part => new Cut(part, context.NewNetwork(part.Name, part.Model)))];
        List<DistillationLoss> losses =
            [.. phase.Parts.Select(part => LossOf(part, phase.StateWeight, ContextOf(context)))];
        using var optimizer = context.NewOptimizer(whole.ParametersWithNames());
        foreach (var cut in cuts) cut.Network.train();
        try
        {
            context.Loop(new()
            {
                Name = phase.Name,
                Steps = phase.Steps,
                State = () => whole.state_dict().Concat(optimizer.State),
                Step = Step,
            });
        }
        finally
        {
            cuts.ForEach(cut => cut.Dispose());
        }

        double Step(long step)
        {
            var sum = 0.0;
            optimizer.ZeroGrad();
            var batch = context.BatchAt(context.Training, phase.First + step);
            var teacher = phase.Teacher(batch);
            foreach (var (cut, loss) in cuts.Zip(losses))
            {
                cut.CopyFrom(whole);
                var student = cut.Network.Forward(batch.Inputs, s_outputs);
                var total = loss.Compute(batch, OfPart(teacher, cut.Part), student).Total;
                total.backward();
                cut.AddGradientsTo(whole);
                sum += total.ToSingle();
            }
            optimizer.Step(context.LearningRate(step, phase.Steps), context.MaxGradientNorm);
            return sum / cuts.Count;
        }
    }

    // the student first, so that the loops' steps count as its own; it is the last stage all the same
    List<Stage> Save(ProcedureContext context, Network whole, Func<Batch, Outputs> teacher)
    {
        var parts = PartsOf(context.TeacherModel!.Encoder()!, options.Widths, options.Depths);
        var student = parts.Single(part => part.IsCutLike(context.Student.Architecture().Encoder()!));
        var others = parts.Where(part => part != student).ToList();
        foreach (var part in others.Prepend(student))
        {
            var model = part == student ? context.Student.Architecture() : part.Model;
            using var cut = new Cut(part, context.NewNetwork(part.Name, model));
            cut.CopyFrom(whole);
            context.SaveNetwork(part.Name, cut.Network, model);
            if (part != student) continue;

            using var loss = LossOf(part, options.DepthStateWeight, ContextOf(context));
            context.MeasureTerms(loss, cut.Network, batch => OfPart(teacher(batch), part));
        }
        return [.. others.Append(student).Select(part => new Stage(part.Name))];
    }

    static Func<Batch, Outputs> OutputsOf(Network network) => batch =>
    {
        using var frozen = torch.no_grad();
        return network.Forward(batch.Inputs, s_outputs);
    };

    // in eval mode
    static Network Copy(ProcedureContext context, Network network)
    {
        var copy = context.NewNetwork("copy", context.TeacherModel);
        using (torch.no_grad())
        {
            var state = copy.state_dict();
            foreach (var (name, value) in network.state_dict()) state[name].copy_(value);
        }
        copy.eval();
        return copy;
    }
}
