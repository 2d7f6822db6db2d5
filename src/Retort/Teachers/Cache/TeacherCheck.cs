using static TorchSharp.torch;

namespace Retort.Teachers.Cache;

/// <summary>Compares a cache with its teacher: a few records at random, and a batch stored with the cache.</summary>
static class TeacherCheck
{
    /// <summary>
    /// Runs the teacher again on the examples of some records: each number must agree within 1e-4 · max(1, |number|)
    /// and the codec's error.
    /// </summary>
    /// <param name="teacher">The teacher.</param>
    /// <param name="spec">The cache.</param>
    /// <param name="count">How many records.</param>
    /// <param name="draw">The seed that draws them.</param>
    /// <exception cref="InvalidDataException">A number differs; the message says where and by how much.</exception>
    public static void Records(ITeacher teacher, CacheSpec spec, int count, long draw)
    {
        var layout = spec.Layout();
        using var store = CacheStore.Open(spec.Folder, spec.Identity, layout);
        var runner = new TeacherRunner(teacher, spec, layout);
        var drawn = Draw(store, count, new RandomStream(draw, StreamKey.Data));
        foreach (var view in drawn.GroupBy(record => record.View, record => record.Position))
        {
            int[] positions = [.. view];
            var (loaded, outputs) = (runner.Load(positions, view.Key, new()), runner.Allocate(positions.Length));
            runner.Run(loaded, outputs);
            for (var i = 0; i < positions.Length; i++)
                for (var f = 0; f < layout.Fields.Count; f++)
                {
                    var width = layout.Fields[f].Width;
                    Compare(store, layout.Fields[f], outputs[f].AsSpan(i * width, width), loaded.Ids[i], view.Key);
                }
        }
    }

    /// <summary>
    /// Compares the teacher's outputs for a batch that is stored with the cache, inputs included. Where there is none
    /// yet, one is stored, if the folder can be written to. So a served model is told from another before it is used.
    /// </summary>
    /// <exception cref="InvalidDataException">The outputs differ from those stored.</exception>
    public static void Probe(ITeacher teacher, CacheSpec spec)
    {
        var layout = spec.Layout();
        var probe = new CacheProbe(Path.Combine(spec.Folder, "probe.safetensors"), spec, layout);
        var runner = new TeacherRunner(teacher, spec, layout);
        using var scope = NewDisposeScope();
        probe.WriteOnce(runner);
        var (batch, stored) = probe.Read();
        if (batch is null) return;

        var outputs = runner.Allocate(batch.Count);
        runner.Run(batch, outputs);
        for (var f = 0; f < stored.Count; f++)
            for (var i = 0; i < stored[f].Length; i++)
                if (!CacheStore.IsNear(stored[f][i], outputs[f][i], 0)) throw new InvalidDataException(Invariant(
                    $"The cache in {spec.Folder} was begun with another teacher: for the inputs of {probe.Path} ")
                    + Invariant($"that one returned {stored[f][i]} where this one returns {outputs[f][i]}. ")
                    + "Choose another teacher.path, or remove the folder.");
    }

    static List<(int Position, int View)> Draw(CacheStore store, int count, RandomStream random)
    {
        var shards = store.Shards.Select(shard => store.Plan.At(shard.Header.View, shard.Header.Number)).ToList();
        var drawn = new List<(int Position, int View)>();
        if (shards.Count == 0) return drawn;

        var records = checked(shards.Sum(shard => shard.Count));
        for (var i = 0; i < count; i++)
        {
            var (shard, at) = (0, random.NextInt(records));
            for (; at >= shards[shard].Count; shard++) at -= shards[shard].Count;
            drawn.Add((shards[shard].First + at, shards[shard].View));
        }
        return drawn;
    }

    static void Compare(CacheStore store, CacheField field, ReadOnlySpan<float> outputs, int id, int view)
    {
        var record = field.Of(store.Record(store.Position(id), view, new byte[store.Layout.Bytes]));
        var error = store.Errors.First(error => error.Output == field.Output.Name);
        var cached = new float[field.Width];
        field.Codec.Decode(record, cached);
        for (var k = 0; k < cached.Length; k++)
        {
            var lost = field.Codec.IsStored(record, k) ? error.LargestKept : error.Largest;
            if (!CacheStore.IsNear(outputs[k], cached[k], lost)) throw new InvalidDataException(Invariant(
                $"The cache in {store.Folder} is not of this teacher: its {field.Output.Name} for example {id}, ")
                + Invariant($"view {view}, have {cached[k]} where the teacher returns {outputs[k]} (the codec loses ")
                + Invariant($"at most {lost:g2}). Choose another teacher.path, or remove the folder."));
        }
    }
}
