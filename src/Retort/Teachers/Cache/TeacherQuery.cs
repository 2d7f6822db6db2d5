using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Retort.Teachers.Cache;

/// <summary>The teacher itself, asked about positions of the training part; its answers as plain numbers.</summary>
sealed class TeacherQuery(ITeacher teacher, CacheSpec job, RecordLayout layout)
{
    readonly OutputSet _wanted = RecordLayout.KeysOf(job.Identity.Outputs);

    /// <summary>Fills a batch with these positions in a view; touches no engine, so that it can be done ahead.</summary>
    public HostBatch Prepare(int[] positions, int view, HostBatch into)
    {
        job.Data.Load(positions, new View(0, view), into);
        if (into.ViewIndex != view) throw new InvalidOperationException(FormattableString.Invariant(
            $"The data was asked for view {view} of its examples and showed another: answers to it cannot be kept."));
        return into;
    }

    /// <summary>The teacher's answer, field after field. [B, width] each</summary>
    public void Ask(HostBatch prepared, float[][] into)
    {
        using var scope = NewDisposeScope();
        Ask(prepared.ToBatch(job.Device), into);
    }

    /// <inheritdoc cref="Ask(HostBatch, float[][])"/>
    public void Ask(Batch batch, float[][] into)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var answer = teacher.Forward(batch, _wanted);
        for (var f = 0; f < layout.Fields.Count; f++)
        {
            var field = layout.Fields[f];
            var values = field.In(answer).to(ScalarType.Float32).cpu().contiguous();
            var numbers = MemoryMarshal.Cast<byte, float>(values.bytes);
            if (numbers.Length != batch.Count * field.Width) throw new InvalidOperationException(FormattableString.Invariant(
                $"The teacher answered {numbers.Length} numbers of {field.Signal.Name} to {batch.Count} examples; {batch.Count * field.Width} were expected."));
            if (into[f].Length < numbers.Length) into[f] = new float[numbers.Length];
            numbers.CopyTo(into[f]);
            for (var i = 0; i < numbers.Length; i++)
                if (!float.IsFinite(numbers[i])) throw new InvalidOperationException(FormattableString.Invariant(
                    $"The teacher's {field.Signal.Name} for example {batch.Ids[i / field.Width]} are no finite numbers: such an answer is not kept."));
        }
    }

    /// <summary>Room for the answers to a batch; it grows where it is too small.</summary>
    public float[][] Room(int count) => [.. layout.Fields.Select(field => new float[count * field.Width])];
}
