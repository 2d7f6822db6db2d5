using System.Buffers;
using System.Runtime.InteropServices;
using Retort.Teachers.Cache;

namespace Retort.Teachers;

/// <summary>
/// A teacher's outputs from files, for the examples and views that were cached and no others. It never runs the teacher
/// itself: that would be slow unnoticed or, for another view, wrong unnoticed.
/// </summary>
public sealed class CachedTeacher : ITeacher
{
    readonly CacheStore _store;
    readonly CacheIdentity _identity;
    readonly SequenceAxis? _sequence;
    readonly torch.Device _device;

    CachedTeacher(CacheStore store, CacheIdentity identity, torch.Device device)
    {
        (_store, _identity, _device) = (store, identity, device);
        (_sequence, AvailableOutputs) = (SequenceAxis.Find(identity.Inputs), RecordLayout.KeysOf(identity.Outputs));
    }

    /// <summary>Opens a complete cache.</summary>
    /// <param name="folder">The folder of its shards.</param>
    /// <param name="identity">What it must hold.</param>
    /// <param name="codec">The encoding of its numbers.</param>
    /// <param name="device">The device of the outputs.</param>
    /// <exception cref="InvalidDataException">
    /// A shard is damaged, or of another teacher, other inputs or another codec.
    /// </exception>
    public static CachedTeacher Open(
        string folder, CacheIdentity identity, CodecOptions codec, torch.Device? device = null)
    {
        var store = CacheStore.Open(folder, identity, new(identity.Outputs, codec));
        if (store.IsComplete) return new(store, identity, device ?? torch.CPU);
        using (store) throw store.Missing();
    }

    /// <summary>Whether no shard of a cache is missing.</summary>
    internal static bool IsComplete(string folder, CacheIdentity identity, CodecOptions codec)
    {
        using var store = CacheStore.Open(folder, identity, new(identity.Outputs, codec));
        return store.IsComplete;
    }

    public OutputSet AvailableOutputs { get; }

    /// <summary>The codec's error for each output.</summary>
    public IReadOnlyList<CodecError> Errors => _store.Errors;

    /// <summary>
    /// Over the cache's identity, which has the teacher's own hash in it; each record has a checksum of its own.
    /// </summary>
    public string Fingerprint() => _identity.Fingerprint();

    public Outputs Forward(Batch batch, OutputSet wanted)
    {
        if (wanted.Except(AvailableOutputs) is { IsEmpty: false } missing) throw new InvalidOperationException(
            $"{missing} is not in the cache in {_store.Folder}, which holds {AvailableOutputs}.");
        if (batch.OtherLabels is not null) throw new InvalidOperationException(
            "The examples of this batch are mixed with each other, so no cached output is theirs: leave the "
            + "augmentation \"mixup\" or the cache out.");
        var view = batch.ViewIndex ?? throw new InvalidOperationException(
            "This batch has views that are drawn once and never again, so no cached output is theirs: give the data "
            + "\"views\", or leave the augmentation or the cache out.");

        var fields = _store.Layout.Fields.Where(field => wanted.Contains(field.Output.Key)).ToList();
        var length = fields.Exists(field => field.Output.VaryingAxes.Count > 0)
            ? _sequence!.LengthIn(batch.TeacherInputs) : 0;
        var record = ArrayPool<byte>.Shared.Rent(_store.Layout.Bytes);
        var tensors = fields.Select(field => Read(field, batch, view, length, record)).ToList();
        ArrayPool<byte>.Shared.Return(record);
        return ToOutputs(fields, [.. tensors.Select(
            tensor => _device.type == DeviceType.CPU ? tensor : tensor.to(_device))]);
    }

    public void Dispose() => _store.Dispose();

    // [B, shape], narrowed to the batch's padded length
    Tensor Read(CacheField field, Batch batch, int view, int length, byte[] buffer)
    {
        int[] shape = field.Output.ShapeAt(length), stored = [.. field.Output.Shape];
        var tensor = torch.empty([batch.Count, .. shape.Select(axis => (long)axis)]);
        var values = MemoryMarshal.Cast<byte, float>(tensor.bytes);
        var width = values.Length / batch.Count;
        var padded = width == field.Width ? null : new float[field.Width];
        for (var i = 0; i < batch.Count; i++)
        {
            var record = field.Of(_store.Record(_store.Position(batch.Ids[i]), view, buffer));
            var row = values.Slice(i * width, width);
            field.Codec.Decode(record, padded ?? row);
            if (padded is not null) SequenceAxis.Copy(padded, stored, row, shape);
        }
        return tensor;
    }

    static Outputs ToOutputs(IReadOnlyList<CacheField> fields, IReadOnlyList<Tensor> tensors)
    {
        var byKey = fields.Zip(tensors).GroupBy(pair => pair.First.Output.Key);
        return Outputs.From(byKey.Select(group => (group.Key, (IReadOnlyList<Tensor>)
            [.. group.OrderBy(pair => pair.First.Output.Layer).Select(pair => pair.Second)])));
    }
}
