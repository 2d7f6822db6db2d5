using Retort.Tasks;

namespace Retort.Tests.Contract;

/// <summary>The task "embedding" on a few examples, for methods that train the embedding alone.</summary>
static class FewEmbeddings
{
    static readonly string[] s_methods = ["compress", "embedding-regression", "rkd", "contrastive", "sea"];

    public static MethodContext MethodContext { get; } = Context(teacher: 5, student: 3, examples: 8, batch: 8);

    public static bool Fit(string method) => s_methods.Contains(method);

    /// <summary>A context of embeddings of these widths.</summary>
    public static MethodContext Context(int teacher, int student, int examples, int batch) => Few.MethodContext with
    {
        Task = new EmbeddingOptions { Primary = EmbeddingScore.Knn1 }.Build(Few.Data.Info),
        Examples = examples,
        BatchSize = batch,
        Teacher = Shapes(teacher),
        Student = Shapes(student),
    };

    static OutputShapes Shapes(int width) => new(new Dictionary<OutputKey, IReadOnlyList<long[]>>
    {
        [Output.Logits] = [[4]],
        [Output.Embedding] = [[width]],
    });
}
