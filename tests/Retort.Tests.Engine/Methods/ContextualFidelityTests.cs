using Retort.Data;
using Retort.Methods;
using Retort.Models;
using Retort.Teachers;
using Retort.Tests.Contract;
using Retort.Training;
using static TorchSharp.torch;

namespace Retort.Tests.Methods;

/// <summary>The relations of a student that learns them, on examples that it was not trained on.</summary>
public sealed class ContextualFidelityTests
{
    static readonly Dataset s_data =
        new LookUpOptions { Examples = 400, TeacherExamples = 400, Validation = 64, Test = 64 }.Open();

    [Fact]
    public void On_held_out_data_every_relation_is_nearer_to_the_teachers_than_with_the_logits_alone()
    {
        using var training = new Trainer(Config(_ => new LabelsOnly(FewTokens.MethodContext.Task)) with
        {
            Build = () => Bert(width: 24, heads: 3),
        });
        using var teacher = new NetworkTeacher(training.Run(CancellationToken.None).Network, owns: false);
        var (ckd, kd) = (Losses(teacher, relations: 100), Losses(teacher, relations: 0));
        Assert.Equal(["word_pairs", "word_triples", "layer_pairs", "layer_triples"], ckd.Keys);
        Assert.All(ckd, term => Assert.True(term.Value < kd[term.Key], $"{term.Key}: {term.Value}, {kd[term.Key]}"));
    }

    static Dictionary<string, double> Losses(ITeacher teacher, double relations)
    {
        using var training = new Trainer(
            Config(_ => Options(relations).Build(FewTokens.MethodContext)) with { Teacher = teacher });
        var student = training.Run(CancellationToken.None).Network;
        using var method = Options(relations: 1).Build(FewTokens.MethodContext);
        var terms = HeldOutLoss.Terms(method, student,
            (batch, _) => teacher.Forward(batch, method.Requires.Teacher), new(s_data.Validation, 16, Seed: 1, CPU));
        terms.Remove("soft");
        return terms;
    }

    static TrainerConfig Config(Func<Network, DistillationLoss> method) => Few.Job(Few.Folder(), method) with
    {
        Build = () => Bert(width: 16, heads: 2),
        Task = FewTokens.MethodContext.Task,
        Data = s_data.Training,
        Validation = s_data.Validation,
        Options = new()
        {
            BatchSize = 16, CheckpointSeconds = 100, LearningRate = 0.005, Optimizer = new AdamWOptions(),
        },
        Steps = 200,
        StepsPerEpoch = 25,
    };

    static Network Bert(int width, int heads) => new BertOptions
    {
        HiddenSize = width, Heads = heads, IntermediateSize = 32, Dropout = 0, AttentionDropout = 0,
    }.Build(s_data.Info);

    static ContextualRelationsOptions Options(double relations) => new()
    {
        Temperature = 1,
        WordPairWeight = relations,
        WordTripleWeight = relations,
        LayerPairWeight = relations,
        LayerTripleWeight = relations,
    };
}
