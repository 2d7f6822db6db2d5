using Retort.Tensors.Files;
using static System.FormattableString;
using static TorchSharp.torch;

namespace Retort.Teachers.Cache;

/// <summary>Holds a cache against the living teacher: a few records at random, and a batch that was stored with it.</summary>
static class TeacherCheck
{
    const double Tolerance = 1e-4;                                         // relative to max(1, |number|)
    const int ProbeExamples = 8;
    const long MostProbeBytes = 256_000_000;

    /// <summary>
    /// Asks the teacher about some of the records that are there again: each number must agree within 1e-4 · max(1, |number|)
    /// and what the codec loses.
    /// </summary>
    /// <param name="teacher">The one whose answers are said to be kept.</param>
    /// <param name="job">The cache.</param>
    /// <param name="count">How many records.</param>
    /// <param name="draw">Which: another number draws others.</param>
    /// <exception cref="InvalidDataException">It answers otherwise; the message says to what and by how much.</exception>
    public static void Records(ITeacher teacher, CacheSpec job, int count, long draw)
    {
        var layout = job.Layout();
        using var store = CacheStore.Open(job.Folder, job.Identity, layout);
        var shards = store.Shards.Select(shard => store.Plan.At(shard.Header.View, shard.Header.Number)).ToList();
        if (shards.Count == 0) return;
        var records = checked(shards.Sum(shard => shard.Count));
        var (live, chance, room) = (new TeacherQuery(teacher, job, layout), new RandomStream(draw, StreamKey.Data), new byte[layout.Bytes]);
        var drawn = new List<(int Position, int View)>();
        for (var i = 0; i < count; i++)
        {
            var (shard, at) = (0, chance.NextInt(records));
            for (; at >= shards[shard].Count; shard++) at -= shards[shard].Count;
            drawn.Add((shards[shard].First + at, shards[shard].View));
        }
        foreach (var view in drawn.GroupBy(one => one.View, one => one.Position))
        {
            int[] positions = [.. view];
            var (prepared, answers) = (live.Prepare(positions, view.Key, new()), live.Room(positions.Length));
            live.Ask(prepared, answers);
            for (var i = 0; i < positions.Length; i++)
                for (var f = 0; f < layout.Fields.Count; f++)
                    Compare(layout.Fields[f], answers[f].AsSpan(i * layout.Fields[f].Width, layout.Fields[f].Width), prepared.Ids[i], view.Key);
        }

        void Compare(CacheField field, ReadOnlySpan<float> answered, int id, int view)
        {
            var record = field.Of(store.Record(store.Position(id), view, room));
            var error = store.Errors.First(error => error.Output == field.Signal.Name);
            var kept = new float[field.Width];
            field.Codec.Decode(record, kept);
            for (var k = 0; k < kept.Length; k++)
            {
                var lost = field.Codec.Keeps(record, k) ? error.LargestKept : error.Largest;
                if (!(Math.Abs(kept[k] - answered[k]) <= Tolerance * Math.Max(1, Math.Abs(answered[k])) + lost)) throw new InvalidDataException(Invariant(
                    $"The cache in {job.Folder} is not of this teacher: its {field.Signal.Name} for example {id}, view {view}, have {kept[k]} where the teacher answers {answered[k]} (the codec loses at most {lost:g2}). Choose another teacher.path, or remove the folder."));
            }
        }
    }

    /// <summary>
    /// Tells a teacher by its answers to a batch that is stored with the cache, inputs and all; where there is none yet,
    /// stores one, if the folder can be written to. So a served model is told from another before anything is asked of it.
    /// </summary>
    /// <exception cref="InvalidDataException">It answers otherwise than the one the cache was begun with.</exception>
    public static void Probe(ITeacher teacher, CacheSpec job)
    {
        var layout = job.Layout();
        var path = Path.Combine(job.Folder, "probe.safetensors");
        var live = new TeacherQuery(teacher, job, layout);
        using var scope = NewDisposeScope();
        if (!File.Exists(path)) CacheFileLock.Write(path, () => { if (!File.Exists(path)) Store(live, job, layout, path); });
        if (!File.Exists(path)) return;
        var stored = SafeTensors.Read(path, MostProbeBytes);
        var (inputs, answers) = (new List<(string, Tensor)>(), live.Room(ProbeExamples));
        foreach (var input in job.Data.Info.Inputs)
            inputs.Add((input.Name, Stored("input/" + input.Name, [-1, .. input.Shape]).to(job.Device)));
        var count = (int)inputs[0].Item2.shape[0];
        live.Ask(new Batch
        {
            Inputs = new(inputs), Labels = zeros(count, dtype: ScalarType.Int64).to(job.Device), Labelled = 0, Ids = [.. Enumerable.Range(0, count)], ViewIndex = 0,
        }, answers);
        for (var f = 0; f < layout.Fields.Count; f++)
        {
            var field = layout.Fields[f];
            var before = Stored("answer/" + field.Signal.Name, [-1, field.Width]).ToFloatArray();
            if (before.Length != count * field.Width) throw new InvalidDataException($"{path} has answers to another number of examples than it has inputs: remove the file.");
            for (var i = 0; i < before.Length; i++)
                if (!(Math.Abs(before[i] - answers[f][i]) <= Tolerance * Math.Max(1, Math.Abs(before[i])))) throw new InvalidDataException(Invariant(
                    $"The cache in {job.Folder} was begun with another teacher: to the pictures of {path} that one answered {before[i]} where this one answers {answers[f][i]}. Choose another teacher.path, or remove the folder."));
        }

        Tensor Stored(string name, long[] shape)
        {
            if (stored.TryGetValue(name, out var tensor) && tensor.dtype == ScalarType.Float32 && tensor.dim() == shape.Length
                && tensor.shape[0] is > 0 and <= ProbeExamples && tensor.shape.AsSpan(1).SequenceEqual(shape.AsSpan(1))) return tensor;
            throw new InvalidDataException($"{path} has no '{name}' of [{string.Join(", ", shape.Skip(1).Prepend(ProbeExamples))}] float32: remove the file.");
        }
    }

    static void Store(TeacherQuery live, CacheSpec job, RecordLayout layout, string path)
    {
        var count = Math.Min(ProbeExamples, job.Identity.Examples);
        var (prepared, answers) = (live.Prepare([.. Enumerable.Range(0, count)], 0, new()), live.Room(count));
        live.Ask(prepared, answers);
        var tensors = prepared.ToBatch().Inputs.Parts.Select(part => KeyValuePair.Create("input/" + part.Name, part.Value)).ToList();
        for (var f = 0; f < layout.Fields.Count; f++)
            tensors.Add(new("answer/" + layout.Fields[f].Signal.Name, answers[f].AsSpan(0, count * layout.Fields[f].Width).ToTensor(count, layout.Fields[f].Width)));
        SafeTensors.Write(path, tensors, new Dictionary<string, string> { ["teacher"] = job.Identity.Teacher });
    }
}
