using System.Buffers;
using System.Runtime.InteropServices;
using Retort.Teachers.Cache;
using TorchSharp;

namespace Retort.Teachers;

/// <summary>A teacher whose answers to the training examples are asked for once, kept in files, and read from there.</summary>
public sealed record CachedTeacherOptions : TeacherOptions, IValidated
{
    /// <summary>Whose answers are kept.</summary>
    public required TeacherOptions Teacher { get; init; }

    /// <summary>How numbers are kept.</summary>
    public CodecOptions Codec { get; init; } = new Float16Options();

    /// <summary>
    /// The folder of the cache, for any number of runs. Unless given, <c>teacher-cache</c> beside the run's folder, in a
    /// folder named after what the cache holds: runs that ask the same of the same teacher share it.
    /// </summary>
    [RecipePath]
    public string? Path { get; init; }

    /// <summary>How many records are held against the teacher at every start, drawn at random.</summary>
    [NotNegative] public int Check { get; init; } = 32;

    /// <inheritdoc/>
    public OptionError? Validate() => Teacher is not CachedTeacherOptions ? null
        : new(nameof(Teacher), "must be a teacher itself; it is a cache.");
}

/// <summary>
/// Answers from files: to the examples and views that were asked about, and to nothing else. Never asks the teacher
/// itself, for that would be slow without a word or, with another picture, wrong without one.
/// </summary>
public sealed class CachedTeacher : ITeacher
{
    readonly CacheStore _store;
    readonly CacheIdentity _identity;
    readonly torch.Device _device;

    CachedTeacher(CacheStore store, CacheIdentity identity, torch.Device device) =>
        (_store, _identity, _device, AvailableOutputs) = (store, identity, device, RecordLayout.KeysOf(identity.Outputs));

    /// <summary>Opens a cache that is complete.</summary>
    /// <param name="folder">Where its shards are.</param>
    /// <param name="identity">Whose answers to what are wanted.</param>
    /// <param name="codec">How they are kept.</param>
    /// <param name="device">Where the answers go.</param>
    /// <exception cref="InvalidDataException">A shard is damaged, or of another teacher, other pictures, another codec.</exception>
    public static CachedTeacher Open(string folder, CacheIdentity identity, CodecOptions codec, torch.Device? device = null)
    {
        var store = CacheStore.Open(folder, identity, new(identity.Outputs, codec));
        if (store.IsComplete) return new(store, identity, device ?? torch.CPU);
        using (store) throw store.Missing();
    }

    public OutputSet AvailableOutputs { get; }

    /// <summary>What the codec lost, signal by signal.</summary>
    public IReadOnlyList<CodecError> Errors => _store.Errors;

    /// <summary>Of all its files.</summary>
    public long Bytes => _store.Shards.Sum(shard => shard.Bytes);

    /// <summary>Over what the cache says it holds, the teacher's own hash in it; each record has a checksum of its own.</summary>
    public string Fingerprint() => _identity.Fingerprint();

    public Outputs Forward(Batch batch, OutputSet wanted)
    {
        if (wanted.Except(AvailableOutputs) is { IsEmpty: false } missing) throw new InvalidOperationException(
            $"{missing} is not in the cache in {_store.Folder}, which holds {AvailableOutputs}.");
        if (batch.OtherLabels is not null) throw new InvalidOperationException(
            "The examples of this batch are mixed with each other, so no kept answer is one to these pictures: leave the augmentation \"mixup\" or the cache out.");
        var view = batch.ViewIndex ?? throw new InvalidOperationException(
            "This batch shows pictures that will not come again, so no kept answer is one to them: give the data \"views\", or leave the augmentation or the cache out.");
        var fields = _store.Layout.Fields.Where(field => wanted.Contains(field.Signal.Key)).ToList();
        var tensors = fields.Select(field => torch.empty([batch.Count, .. field.Signal.Shape.Select(axis => (long)axis)])).ToList();
        var room = ArrayPool<byte>.Shared.Rent(_store.Layout.Bytes);
        for (var f = 0; f < fields.Count; f++)
        {
            var field = fields[f];
            var numbers = MemoryMarshal.Cast<byte, float>(tensors[f].bytes);
            for (var i = 0; i < batch.Count; i++)
                field.Codec.Decode(field.Of(_store.Record(_store.Position(batch.Ids[i]), view, room)), numbers.Slice(i * field.Width, field.Width));
        }
        ArrayPool<byte>.Shared.Return(room);
        return Answer(fields, [.. tensors.Select(tensor => _device.type == DeviceType.CPU ? tensor : tensor.to(_device))]);
    }

    static Outputs Answer(IReadOnlyList<CacheField> fields, IReadOnlyList<Tensor> tensors) => Outputs.From(fields.Zip(tensors)
        .GroupBy(pair => pair.First.Signal.Key)
        .Select(group => (group.Key, (IReadOnlyList<Tensor>)[.. group.OrderBy(pair => pair.First.Signal.Layer).Select(pair => pair.Second)])));

    public void Dispose() => _store.Dispose();
}
