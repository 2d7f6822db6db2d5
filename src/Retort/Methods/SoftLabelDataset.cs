using Retort.Contracts.Distilled;
using static Retort.Methods.SoftLabelDatasetOptions;

namespace Retort.Methods;

/// <summary>
/// A few learned samples with learned labels, so that a network that takes a few steps on them classifies real
/// examples. The loss on real examples after the steps is differentiated through the steps.
/// </summary>
[Paper("sldd", "Sucholutsky, Schonlau, Soft-Label Dataset Distillation and Text Dataset Distillation, "
    + "arXiv:1910.02551", 2021)]
public partial class SoftLabelDataset(SoftLabelDatasetOptions options) : Procedure
{
    const string Before = "before";
    const string After = "after";
    const string Full = "full-data";

    static readonly Artifact s_folder = new("distilled", ArtifactKind.Dataset);

    /// <summary>The method's name.</summary>
    protected virtual string Key => "sldd";

    /// <summary>Whether dropout is active in the steps.</summary>
    protected virtual bool AllowsDropout => false;

    public override IReadOnlyList<Artifact> Artifacts => [s_folder];

    public override bool TrainsInLoops => true;

    public override MethodOptions Control => new SoftLabelDatasetOptions.RealSubset
    {
        Samples = options.Samples, Steps = options.Steps, Epochs = options.Epochs, Rates = options.ControlRates,
        FirstWeights = options.FirstWeights,
    };

    public override void Check(LearningTask task) => task.RequireClassProbabilities(Key);

    public override void CheckNetworks(
        LearningTask task, DatasetInfo data, ModelOptions student, ModelOptions? teacher)
    {
        CheckInput(data);
        var wrong = options.FirstClasses?.FirstOrDefault(index => index >= data.Classes.Count, -1) ?? -1;
        if (wrong >= 0) throw new InvalidOperationException(Invariant(
            $"method.firstClasses must be indices of the data's {data.Classes.Count} classes, from 0; one is ")
            + Invariant($"{wrong}."));

        using var network = ModuleFactory.Create(() => student.Build(data));
        NetworkFunction.Check(network, data.Inputs[0], Key, AllowsDropout);
        CheckMemory(network, data);
    }

    public override ProcedureResult Run(ProcedureContext context)
    {
        using var scope = torch.NewDisposeScope();
        if (options.FullData) context.Train(new() { Name = Full, Method = method => new Supervised(method.Task) });

        using var network = options.FirstWeights.NewNetwork(context);
        var function = new NetworkFunction(network, context.Data.Info.Inputs[0]);
        var theta = function.CopyParameters();                                                  // θ₀ [P]
        var initial = network.state_dict().ToDictionary(one => one.Key, one => one.Value.detach().clone());
        context.SaveNetwork(Before, network);

        using var learning = new Learning(options, context, function, theta.clone());
        context.Loop(new()
        {
            Name = "distillation",
            Steps = options.MetaSteps,
            State = () => learning.State,
            Step = learning.Step,
            TrainsNetwork = false,
            Advice = "A lower method.metaLearningRate or method.stepSize usually helps.",
        });

        var samples = learning.Samples;
        TakeSteps(context, samples, function, theta,
            "The learned step sizes are too large: a lower method.metaLearningRate usually helps.");
        context.SaveNetwork(After, network);

        var card = Save(context, samples, initial);
        List<Stage> stages = [new(Before), new(After)];
        if (options.FullData) stages.Insert(0, new(Full));
        return new(stages)
        {
            Figures = Figures(context, samples),
            Curves = [learning.Losses()],
            Learned = Shown(context.Data, samples, card),
        };
    }

    // all steps on the samples from θ, which becomes the network's weights. [P]
    static void TakeSteps(
        ProcedureContext context, DistilledSamples samples, NetworkFunction function, Tensor theta, string advice)
    {
        context.Loop(new()
        {
            Name = "steps",
            Steps = samples.Steps,
            State = () => [KeyValuePair.Create("weights", theta)],
            Advice = advice,
            Step = step =>
            {
                theta.copy_(samples.Step(function, theta, (int)step, context.Seed));
                return theta.abs().max().ToSingle();
            },
        });
        function.SetParameters(theta);
    }

    /// <summary>Refuses data whose input it cannot learn.</summary>
    protected virtual void CheckInput(DatasetInfo data)
    {
        data.OnlyInput($"The method \"{Key}\"");
        if (data.Input(InputNames.InputsEmbeds) is not null) throw new InvalidOperationException(
            "The method \"sldd\" learns images and tables; the data has texts of word vectors: choose \"tdd\".");
    }

    /// <summary>What a sample is in words; null where it is no text.</summary>
    protected virtual string? WordsOf(Dataset data, ReadOnlySpan<float> sample) => null;

    /// <summary>The task's supervised loss: the reference on all data.</summary>
    sealed class Supervised(LearningTask task) : DistillationLoss
    {
        public override RequiredOutputs Requires => new(Teacher: OutputSet.None, Student: Output.Logits);

        public override LossTerms Compute(Batch batch, Outputs teacher, Outputs student) =>
            new() { ["labels"] = task.SupervisedLoss(batch, student) };
    }
}
