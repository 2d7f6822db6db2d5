using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Retort.Teachers.Cache;

/// <summary>Runs the teacher on examples of the training split; its outputs as arrays, padded as records are.</summary>
sealed class TeacherRunner(ITeacher teacher, CacheSpec spec, RecordLayout layout)
{
    readonly OutputSet _wanted = RecordLayout.KeysOf(spec.Identity.Outputs);
    readonly SequenceAxis? _sequence = SequenceAxis.Find(spec.Identity.Inputs);

    /// <summary>Loads these positions in a view; never calls libtorch, so that it can be done ahead.</summary>
    public HostBatch Load(int[] positions, int view, HostBatch into)
    {
        spec.Data.Load(positions, new View(0, view), into);
        if (into.ViewIndex != view) throw new InvalidOperationException(Invariant(
            $"The data was asked for view {view} of its examples and gave another: outputs for it cannot be cached."));
        return into;
    }

    /// <summary>The teacher's outputs, an array a field. [B, width] each</summary>
    public void Run(HostBatch loaded, float[][] into)
    {
        using var scope = NewDisposeScope();
        Run(loaded.ToBatch(spec.Device), into);
    }

    /// <inheritdoc cref="Run(HostBatch, float[][])"/>
    public void Run(Batch batch, float[][] into)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var outputs = teacher.Forward(batch, _wanted);
        var mask = MaskOf(batch);
        for (var f = 0; f < layout.Fields.Count; f++)
        {
            var field = layout.Fields[f];
            var values = field.In(outputs).to(ScalarType.Float32).cpu().contiguous();
            if (into[f].Length < batch.Count * field.Width) into[f] = new float[batch.Count * field.Width];
            Store(field, batch, values.shape, MemoryMarshal.Cast<byte, float>(values.bytes), into[f]);
            if (mask is not null) ClearPadding(field, batch.Count, mask, into[f]);
            CheckFinite(field, batch, into[f]);
        }
    }

    /// <summary>Arrays for the outputs of a batch; they grow where they are too small.</summary>
    public float[][] Allocate(int count) => [.. layout.Fields.Select(field => new float[count * field.Width])];

    static void CheckFinite(CacheField field, Batch batch, float[] values)
    {
        for (var i = 0; i < batch.Count * field.Width; i++)
            if (!float.IsFinite(values[i])) throw new InvalidOperationException(Invariant(
                $"The teacher's {field.Output.Name} for example {batch.Ids[i / field.Width]} are not finite: such ")
                + "outputs are not cached.");
    }

    void Store(CacheField field, Batch batch, long[] shape, ReadOnlySpan<float> numbers, float[] into)
    {
        var length = field.Output.VaryingAxes.Count > 0 ? _sequence!.LengthIn(batch.TeacherInputs) : 0;
        int[] expected = field.Output.ShapeAt(length), stored = [.. field.Output.Shape];
        if (!shape.SequenceEqual([batch.Count, .. expected])) throw new InvalidOperationException(
            $"The teacher returned {field.Output.Name} of [{string.Join(", ", shape)}]; "
            + $"[{string.Join(", ", expected.Prepend(batch.Count))}] was expected.");
        if (expected.SequenceEqual(stored))
        {
            numbers.CopyTo(into);
            return;
        }
        into.AsSpan(0, batch.Count * field.Width).Clear();
        var width = numbers.Length / batch.Count;
        for (var i = 0; i < batch.Count; i++) SequenceAxis.Copy(
            numbers.Slice(i * width, width), expected, into.AsSpan(i * field.Width, field.Width), stored);
    }

    // 1 at tokens, 0 at padding [B, T]; null where the teacher has no mask
    long[]? MaskOf(Batch batch) =>
        _sequence is null ? null : batch.TeacherInputs.Find(InputNames.AttentionMask)?.ToLongArray();

    // what a teacher computes at padding depends on the batch: a record must not
    static void ClearPadding(CacheField field, int count, long[] mask, float[] into)
    {
        var length = mask.Length / count;
        int[] shape = [.. field.Output.Shape];
        foreach (var axis in field.Output.VaryingAxes)
            for (var i = 0; i < mask.Length; i++)
                if (mask[i] == 0) SequenceAxis.Clear(
                    into.AsSpan(i / length * field.Width, field.Width), shape, axis, i % length);
    }
}
