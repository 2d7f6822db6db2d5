namespace Retort.Tests.Tasks;

/// <summary>Data and predictions of a few numbers.</summary>
static class TaskData
{
    public static DatasetInfo Data(TargetKind targets, int classes) => new()
    {
        Targets = targets,
        Classes = [.. Enumerable.Range(0, classes).Select(i => $"{i}")],
        Inputs = [TensorSpec.Features(2)],
    };

    public static Predictions Logits(float[] logits, long[] labels) =>
        Predicted("logits", logits, logits.Length / labels.Length, labels, targets: null);

    public static Predictions Values(float[] values, float[] targets, int width) =>
        Predicted("logits", values, width, labels: null, targets);

    public static Predictions Embeddings(float[] values, int width, long[]? labels = null) =>
        Predicted("embedding", values, width, labels, targets: null);

    public static Batch Batch(Tensor targets) => new()
    {
        Inputs = new(),
        Labels = torch.full([targets.shape[0]], -1L, dtype: torch.ScalarType.Int64),
        Labelled = 0,
        Targets = targets,
        Ids = [.. Enumerable.Range(0, (int)targets.shape[0])],
    };

    static Predictions Predicted(string output, float[] values, int width, long[]? labels, float[]? targets) => new()
    {
        Output = output,
        Values = values,
        Width = width,
        Labels = labels ?? [.. Enumerable.Repeat(-1L, values.Length / width)],
        Targets = targets,
        Ids = [.. Enumerable.Range(0, values.Length / width).Select(i => (long)i)],
    };
}
