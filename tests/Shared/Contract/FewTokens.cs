using Retort.Data;
using Retort.Models;
using Retort.Recipes;
using Retort.Tasks;
using static TorchSharp.torch;

namespace Retort.Tests.Contract;

/// <summary>A few texts and small encoders, for methods that compare tokens.</summary>
static class FewTokens
{
    static readonly string[] s_methods = ["ckd", "hidden-states", "attention-maps", "amad", "dynabert"];

    public static LookUpOptions Options { get; } =
        new() { Examples = 64, TeacherExamples = 64, Validation = 32, Test = 32 };

    public static Dataset Data { get; } = Options.Open();

    public static MethodContext MethodContext { get; } = new()
    {
        Task = new ClassificationOptions().Build(Data.Info),
        Data = Data.Info,
        Examples = 8,
        BatchSize = 8,
        Steps = 1,
        Teacher = Shapes(width: 5),
        Student = Shapes(width: 3),
    };

    public static bool Fit(string method) => s_methods.Contains(method);

    public static Batch Batch()
    {
        var batch = new HostBatch();
        Data.Training.Load([0, 1, 2, 3, 4, 5, 6, 7], View.Plain, batch);
        return batch.ToBatch();
    }

    /// <summary>A batch of one text without its tokens: the mask, and a label.</summary>
    public static Batch OneText(long[] mask) => new()
    {
        Inputs = new((InputNames.AttentionMask, tensor(mask, [1, mask.Length]))),
        Labels = zeros(1, int64),
        Labelled = 1,
        Ids = [0],
    };

    public static Outputs Outputs(int width, bool gradient) => new()
    {
        Logits = randn(8, Data.Info.Classes.Count, requires_grad: gradient),
        HiddenStates = [.. Enumerable.Range(0, 3).Select(_ => randn(8, 7, width, requires_grad: gradient))],
        Attentions = [.. Enumerable.Range(0, 2).Select(_ => randn(8, Heads(width), 7, 7).softmax(-1))],
    };

    static int Heads(int width) => (width + 1) / 2;

    public static Network Student() => new BertOptions { HiddenSize = 8 }.Build(Data.Info);

    public static Network Teacher()
    {
        manual_seed(77);
        return ModuleFactory.Create(() => new BertOptions { HiddenSize = 12, Heads = 3 }.Build(Data.Info));
    }

    /// <summary>An encoder and the smallest one that methods cut out of it by their defaults.</summary>
    public static BertOptions Whole { get; } = new()
    {
        Layers = 4, Heads = 4, HiddenSize = 16, IntermediateSize = 16, MaxPositions = 7,
    };

    public static BertOptions Part { get; } = Whole with
    {
        Layers = 2, Heads = 1, HeadSize = 4, IntermediateSize = 4,
    };

    /// <summary>A recipe with two such encoders.</summary>
    public static Recipe Recipe(MethodOptions method) => Tests.Recipes.TestRuns.Recipe() with
    {
        Data = Options,
        Teacher = new TrainedTeacherOptions { Network = Whole, Training = new() { Epochs = 1, BatchSize = 16 } },
        Student = Part,
        Method = method,
    };

    static OutputShapes Shapes(int width) => new(new Dictionary<OutputKey, IReadOnlyList<long[]>>
    {
        [Output.Logits] = [[Data.Info.Classes.Count]],
        [Output.HiddenStates] = [[7, width], [7, width], [7, width]],
        [Output.Attentions] = [[Heads(width), 7, 7], [Heads(width), 7, 7]],
    });
}
