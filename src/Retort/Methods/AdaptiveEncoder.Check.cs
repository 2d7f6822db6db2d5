namespace Retort.Methods;

/// <remarks>This file: what it refuses.</remarks>
public sealed partial class AdaptiveEncoder
{
    const string Subject = "The method \"dynabert\"";

    public override void CheckNetworks(
        LearningTask task, DatasetInfo data, ModelOptions student, ModelOptions? teacher)
    {
        TokenStates.CheckData("dynabert", data);
        if (teacher?.Encoder() is not { } encoder) throw new InvalidOperationException(
            $"{Subject} cuts its student out of the teacher's network, which must be a bert that the recipe trains or "
            + "reads from a checkpoint; this teacher is none.");
        if (student.Encoder() is not { } own) throw new InvalidOperationException(
            $"{Subject} cuts its student out of the teacher's bert; this student is no bert.");

        foreach (var width in options.Widths) CheckWidth(width, encoder);
        foreach (var depth in options.Depths) CheckDepth(depth, encoder.Layers);
        CheckStudent(own, encoder);
        foreach (var part in PartsOf(encoder, options.Widths, options.Depths)) CheckLoss(task, data, part);
    }

    // refuses what the loss itself refuses, too
    void CheckLoss(LearningTask task, DatasetInfo data, Part part)
    {
        var shapes = part.ShapesOf(data);
        using var loss = LossOf(part, stateWeight: 1, new()
        {
            Task = task, Data = data, Examples = 1, BatchSize = 1, Steps = 1, Teacher = shapes, Student = shapes,
        });
        var required = loss.Requires.Teacher | loss.Requires.Student;
        if (required.Except(s_outputs) is { IsEmpty: false } others) throw new InvalidOperationException(
            $"{Subject}: method.loss must be a loss on {s_outputs}; this one needs {others}.");
        if (!loss.Requires.Ema.IsEmpty || loss.State is not null) throw new InvalidOperationException(
            $"{Subject}: method.loss must have no parameters and need no moving average; this one has or does.");
    }

    static void CheckWidth(double width, EncoderShape encoder)
    {
        CheckWhole(width * encoder.Heads, $"{encoder.Heads} heads");
        CheckWhole(width * encoder.Neurons, $"{encoder.Neurons} neurons");

        void CheckWhole(double count, string all)
        {
            if (Math.Abs(count - Math.Round(count)) > 1e-9) throw new InvalidOperationException(Invariant(
                $"{Subject}: each of method.widths must leave a whole number of heads and neurons; {width} of the ")
                + Invariant($"teacher's {all} are {count}."));
        }
    }

    void CheckDepth(double depth, int layers)
    {
        var kept = KeptLayers(depth, layers).Length;
        if (kept == 0) throw new InvalidOperationException(Invariant(
            $"{Subject}: each of method.depths must leave at least one layer; {depth} of the teacher's {layers} ")
            + "leaves none.");
        if (options.Depths.Any(other => other > depth && KeptLayers(other, layers).Length == kept))
            throw new InvalidOperationException(Invariant(
                $"{Subject}: each of method.depths must leave another number of layers; {depth} of the teacher's ")
                + Invariant($"{layers} leaves {kept}, as a larger one does."));
    }

    void CheckStudent(EncoderShape student, EncoderShape teacher)
    {
        var parts = PartsOf(teacher, options.Widths, options.Depths);
        var (layers, heads, neurons) = (student.Layers, student.Heads, student.Neurons);
        if (!parts.Exists(part => part.IsCutLike(student))) throw new InvalidOperationException(
            $"{Subject}: the student must be one of the parts of the teacher's network that method.widths and "
            + "method.depths make, such as " + Sizes(parts[^1].Layers.Count, parts[^1].Heads, parts[^1].Neurons)
            + $"; it has {Sizes(layers, heads, neurons)}.");
        if (student.Resize(layers, heads, neurons) != teacher.Resize(layers, heads, neurons))
            throw new InvalidOperationException(
                $"{Subject}: the student must have the teacher's options except layers, heads, headSize and "
                + "intermediateSize, since it is cut out of the teacher's network. They are "
                + $"{teacher.Resize(layers, heads, neurons)}; the student's are "
                + $"{student.Resize(layers, heads, neurons)}.");
    }

    static string Sizes(int layers, int heads, int neurons) => Invariant(
        $"{layers} layers, {heads} heads and an intermediateSize of {neurons}");
}
