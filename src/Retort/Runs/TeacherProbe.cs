using Retort.Teachers;
using Retort.Training;
using static TorchSharp.torch;

namespace Retort.Runs;

/// <summary>
/// Runs a pretrained teacher of any kind on a few validation examples, three times, before anything is trained or
/// written, and refuses one that no student can learn from.
/// </summary>
static class TeacherProbe
{
    const int Examples = 8;
    const double RepeatTolerance = 0.01;                                   // of the outputs' spread; GPUs vary a little
    const double BatchTolerance = 0.05;                                    // quantized activations share a scale

    /// <summary>
    /// Refuses a teacher without the task's output, with another width than the data has classes, with NaN or infinity,
    /// with probabilities in place of logits, or whose outputs for an example differ from call to call or with the
    /// other examples of the batch.
    /// </summary>
    public static void Check(ITeacher teacher, LearningTask task, IDataSplit data, Device device)
    {
        if (!teacher.AvailableOutputs.Contains(task.Output)) throw new InvalidOperationException(
            $"The task \"{task.Name}\" scores {task.Output.Title}, and the teacher has {teacher.AvailableOutputs}.");

        using var scope = NewDisposeScope();
        var batch = NetworkProbe.FirstExamples(data, device, View.Plain, Examples);
        var values = Run(teacher, task, batch);                            // [B, D]
        CheckShape(values, batch.Count, task, data.Info.Classes.Count);
        if (!values.isfinite().all().ToBoolean()) throw new InvalidOperationException(
            $"The teacher's {task.Output.Title} have NaN or infinity in them: its weights, or the normalization that "
            + "the recipe states for it, are not usable.");
        if (teacher is EnsembleTeacher ensemble)                            // its logits are logarithms in any case
        {
            foreach (var member in ensemble.Members) Check(member, task, data, device);
            return;
        }
        if (task.Output == Output.Logits) CheckLogits(values, data.Info.Targets);

        var again = Run(teacher, task, batch);
        CheckEqual(values, again, RepeatTolerance, () => $"The teacher's {task.Output.Title} for the same examples "
            + "change from call to call: a random layer such as dropout is in training mode, so export the teacher in "
            + "evaluation mode.");
        long[] reversed = [.. Enumerable.Range(0, (batch.Count + 1) / 2).Select(i => (long)batch.Count - 1 - i)];
        var rows = tensor(reversed, device: device);
        var others = Run(teacher, task, RowsOf(batch, rows, reversed));
        CheckEqual(values.index_select(0, rows), others, BatchTolerance, () => $"The teacher's {task.Output.Title} for "
            + "an example change with the other examples of its batch: a layer such as batch normalization is in "
            + "training mode, or examples are mixed, so export the teacher in evaluation mode.");
    }

    static Tensor Run(ITeacher teacher, LearningTask task, Batch batch) =>
        teacher.Forward(batch, task.Output)[task.Output].to(ScalarType.Float32);

    static void CheckLogits(Tensor logits, TargetKind targets)
    {
        var activation = Probabilities.Detect(logits, targets);
        if (activation == FinalActivation.None)
        {
            CheckRows(logits, targets);
            return;
        }

        var (name, rule) = activation == FinalActivation.Softmax
            ? ("softmax", "in each row none is negative and their sum is 1") : ("sigmoid", "all are from 0 to 1");
        throw new InvalidOperationException(
            $"The teacher returns probabilities, and methods need logits: {rule}, as after a {name}. Export it without "
            + $"this last layer, or give an onnx, torchscript or remote teacher the option \"finalActivation\": "
            + $"\"{name}\".");
    }

    static void CheckRows(Tensor logits, TargetKind targets)
    {
        if (HasEqualRows(logits)) throw new InvalidOperationException(
            $"The teacher's logits are the same for {logits.size(0)} different examples, so that nothing can be "
            + "learned from them: check its inputs, their layout and their normalization.");
        if (targets == TargetKind.Class && Probabilities.CommonSum(logits) is { } sum)
            throw new InvalidOperationException(
                $"The teacher returns shares of {NumberFormat.Three(sum)}, and methods need logits: in each row none "
                + "is negative and all rows have this sum, as after a softmax. Export it without this last layer.");
    }

    static bool HasEqualRows(Tensor logits) => logits.size(0) == Examples
        && logits.Subtract(logits.narrow(0, 0, 1)).abs().max().ToSingle()
            <= 1e-6f * (1 + logits.abs().max().ToSingle());

    static void CheckEqual(Tensor expected, Tensor found, double tolerance, Func<string> message)
    {
        var (a, b) = (expected.ToFloatArray(), found.ToFloatArray());
        var spread = a.Length == 0 ? 0 : a.Max() - a.Min();
        var largest = a.Select(Math.Abs).DefaultIfEmpty().Max();
        var limit = (tolerance * spread) + (1e-4 * largest) + 1e-6;
        for (var i = 0; i < a.Length; i++)
            if (!(Math.Abs(a[i] - b[i]) <= limit)) throw new InvalidOperationException(
                message() + Invariant($" One number was {a[i]:G4} and then {b[i]:G4}."));
    }

    // padded as in the whole batch
    static Batch RowsOf(Batch batch, Tensor rows, long[] numbers) => new()
    {
        Inputs = RowsOf(batch.Inputs, rows),
        TeacherInputs = RowsOf(batch.TeacherInputs, rows),
        Labels = batch.Labels.index_select(0, rows),
        Labelled = 0,
        Ids = [.. numbers.Select(number => batch.Ids[(int)number])],
        ViewIndex = batch.ViewIndex,
    };

    static Inputs RowsOf(Inputs inputs, Tensor rows) =>
        new([.. inputs.Parts.Select(part => (part.Name, part.Value.index_select(0, rows)))]);

    static void CheckShape(Tensor values, int examples, LearningTask task, int classes)
    {
        var isLogits = task.Output == Output.Logits;
        if (values.Dimensions == 2 && values.shape[0] == examples && (!isLogits || values.shape[1] == classes)) return;

        var shape = string.Join(", ", values.shape);
        throw new InvalidOperationException(
            $"The teacher's {task.Output.Title} for {examples} examples are [{shape}]; the data "
            + (isLogits ? $"has {classes} classes, so [{examples}, {classes}] was expected."
                : $"needs [{examples}, D]."));
    }
}
