using System.Runtime.InteropServices;
using Retort.Tensors.Files;

namespace Retort.Teachers.Cache;

/// <summary>
/// Runs a teacher and writes its outputs. A shard is written whole, so that a writer may be killed at any moment and
/// another may continue. Several writers may write into one folder at once: each shard is locked by one of them.
/// </summary>
public sealed class CacheWriter
{
    static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);   // while other writers hold all shards

    readonly CacheSpec _spec;
    readonly RecordLayout _layout;
    readonly ShardPlan _plan;
    readonly TeacherRunner _teacher;
    long _done;

    /// <param name="teacher">The teacher; the caller's.</param>
    /// <param name="spec">What is cached, and where.</param>
    public CacheWriter(ITeacher teacher, CacheSpec spec)
    {
        (_spec, _layout) = (OptionRules.Check(spec), spec.Layout());
        _plan = new(spec.Identity.Examples, spec.Identity.Views, _layout.Bytes);
        _teacher = new(teacher, spec, _layout);
        if (spec.Identity.Examples != spec.Data.Count || spec.Identity.Views != spec.Data.Views)
            throw new ArgumentException(
                "The identity must state the data's own number of examples and views.", nameof(spec));
    }

    /// <summary>
    /// What writing the missing shards will cost, measured on the first batch; null where nothing is missing.
    /// </summary>
    /// <exception cref="IOException">The disk has no room for it.</exception>
    public CacheEstimate? Forecast()
    {
        Directory.CreateDirectory(_spec.Folder);
        using var store = CacheStore.Open(_spec.Folder, _spec.Identity, _layout);
        var missing = Share().Where(place => !Exists(store, place)).ToList();
        if (missing.Count == 0) return null;
        var (teacher, read) = Times();
        var recordBytes = _layout.Bytes + sizeof(int);
        var forecast = new CacheEstimate
        {
            Examples = _plan.Examples, Views = _spec.Identity.Views, Passes = _spec.Passes,
            Bytes = (long)_plan.Examples * _spec.Identity.Views * recordBytes,
            AnswersToWrite = missing.Sum(place => (long)place.Count),
            BytesToWrite = missing.Sum(place => (long)place.Count * recordBytes),
            FreeBytes = new DriveInfo(Path.GetFullPath(_spec.Folder)).AvailableFreeSpace,
            TeacherSeconds = teacher, ReadSeconds = read,
        };
        if (forecast.BytesToWrite <= forecast.FreeBytes) return forecast;

        var needed = NumberFormat.ShortBytes(forecast.BytesToWrite);
        var free = NumberFormat.ShortBytes(forecast.FreeBytes);
        throw new IOException($"The cache in {_spec.Folder} needs {needed} more, and the disk has {free} left: choose "
            + "another teacher.path, fewer views, or the codec top-k.");
    }

    /// <summary>
    /// Writes the missing shards of this writer's share, and returns when all are there, whoever wrote them. Shards
    /// that are there already are read through once. After cancellation the current shard is given up and the others
    /// stay.
    /// </summary>
    public void Fill(CancellationToken token = default)
    {
        Directory.CreateDirectory(_spec.Folder);
        CacheFileLock.Sweep(_spec.Folder);
        List<ShardPlace> missing;
        using (var store = CacheStore.Open(_spec.Folder, _spec.Identity, _layout))
        {
            foreach (var shard in store.Shards) shard.CheckRecords();
            missing = [.. Share().Where(place => !Exists(store, place))];
        }
        _done = Share().Sum(place => (long)place.Count) - missing.Sum(place => (long)place.Count);
        Report();
        while (missing.Count > 0)
        {
            var left = missing.Where(place => !TryWrite(place, token)).ToList();
            if (left.Count == missing.Count && token.WaitHandle.WaitOne(PollInterval))
                token.ThrowIfCancellationRequested();
            missing = left;
        }
    }

    IEnumerable<ShardPlace> Share() => _plan.Share(_spec.Share.Writer, _spec.Share.Writers);

    static bool Exists(CacheStore store, ShardPlace place) =>
        store.Shards.Any(shard => shard.Header.View == place.View && shard.Header.Number == place.Number);

    void Report() => _spec.Progress?.Report(new(_done, Share().Sum(place => (long)place.Count)));

    // false where another writer has locked the shard
    bool TryWrite(ShardPlace place, CancellationToken token)
    {
        var path = Path.Combine(_spec.Folder, place.FileName);
        if (!File.Exists(path))
        {
            using var held = CacheFileLock.Take(path);
            if (held is null) return false;
            if (!File.Exists(path)) Write(place, path, token);
        }
        _done += place.Count;
        Report();
        return true;
    }

    void Write(ShardPlace place, string path, CancellationToken token)
    {
        var (ids, records) = (new int[place.Count], new byte[(long)place.Count * _layout.Bytes]);
        var measures = _layout.Fields.Select(field => new ErrorMeasure(field)).ToList();
        var batch = Math.Min(_spec.Batch, _plan.PerShard);
        var (outputs, current, next) = (_teacher.Allocate(batch), new HostBatch(), new HostBatch());
        var ahead = Task.Run(() => _teacher.Load(Positions(place, 0, batch), place.View, current), token);
        for (var at = 0; at < place.Count; at += batch)
        {
            token.ThrowIfCancellationRequested();
            ahead.GetAwaiter().GetResult();
            var (from, into) = (at + batch, next);
            if (from < place.Count) ahead = Task.Run(
                () => _teacher.Load(Positions(place, from, batch), place.View, into), CancellationToken.None);
            _teacher.Run(current, outputs);
            for (var i = 0; i < Math.Min(batch, place.Count - at); i++)
            {
                ids[at + i] = current.Ids[i];
                var record = records.AsSpan((at + i) * _layout.Bytes, _layout.Bytes);
                Encode(ids[at + i], place.View, i, outputs, record, measures);
            }
            (current, next) = (next, current);
        }
        var header = new ShardHeader(_spec.Identity, [.. measures.Select(measure => measure.Result)],
            place.View, place.Number, place.Count, _layout.Bytes);
        AtomicFile.Write(path, file =>
        {
            file.Write(header.Bytes(ids));
            file.Write(records);
        });
    }

    // one example's record
    void Encode(int id, int view, int row, float[][] outputs, Span<byte> record, List<ErrorMeasure> measures)
    {
        for (var f = 0; f < _layout.Fields.Count; f++)
        {
            var field = _layout.Fields[f];
            var values = outputs[f].AsSpan(row * field.Width, field.Width);
            field.Codec.Encode(values, field.Of(record));
            measures[f].Add(values, field.Of(record));
        }
        MemoryMarshal.Write(record[_layout.Payload..], Crc.Of(id, view, record[.._layout.Payload]));
    }

    // a batch is always full: the last one goes on with the shard's first examples
    static int[] Positions(ShardPlace place, int at, int batch) =>
        [.. Enumerable.Range(at, batch).Select(i => place.First + i % place.Count)];

    // seconds of the teacher and of reading, for one example
    (double Teacher, double Read) Times()
    {
        var batch = Math.Min(_spec.Batch, _plan.PerShard);
        var outputs = _teacher.Allocate(batch);
        var loaded = _teacher.Load(Positions(_plan.At(0, 0), 0, batch), 0, new());
        _teacher.Run(loaded, outputs);                                     // warm-up
        var started = _spec.Clock.GetTimestamp();
        var runs = 0;
        for (; runs == 0 || runs < 3 && _spec.Clock.GetElapsedTime(started).TotalSeconds < 0.2; runs++)
            _teacher.Run(loaded, outputs);
        var teacher = _spec.Clock.GetElapsedTime(started).TotalSeconds / runs / batch;

        return (teacher, Enumerable.Range(0, 20).Min(_ => ReadTime(outputs)));
    }

    // seconds to check and decode one record in memory, the mean of a few hundred; the compiler's time, other processes
    // and a disk that was not read before are no part of it
    double ReadTime(float[][] outputs)
    {
        const int Readings = 200;
        var record = new byte[_layout.Bytes];
        foreach (var (field, values) in _layout.Fields.Zip(outputs))
            field.Codec.Encode(values.AsSpan(0, field.Width), field.Of(record.AsSpan()));
        var crc = Crc.Of(0, 0, record.AsSpan(0, _layout.Payload));
        var started = _spec.Clock.GetTimestamp();
        for (var i = 0; i < Readings; i++)
        {
            if (Crc.Of(0, 0, record.AsSpan(0, _layout.Payload)) != crc)
                throw new InvalidOperationException("The memory changed while it was read.");
            for (var f = 0; f < _layout.Fields.Count; f++)
            {
                var field = _layout.Fields[f];
                field.Codec.Decode(field.Of(record.AsSpan()), outputs[f].AsSpan(0, field.Width));
            }
        }
        return _spec.Clock.GetElapsedTime(started).TotalSeconds / Readings;
    }
}
