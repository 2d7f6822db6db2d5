using System.Runtime.InteropServices;
using Retort.Report;
using Retort.Tensors.Files;

namespace Retort.Teachers.Cache;

/// <summary>
/// Asks a teacher and keeps its answers. A shard comes into being whole, so that a writer may be killed at any moment and
/// another may take its place; several may write into one folder at a time, for each shard has one who has claimed it.
/// </summary>
public sealed class CacheWriter
{
    static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(200);        // between two looks at what others have done
    readonly CacheSpec _job;
    readonly RecordLayout _layout;
    readonly ShardPlan _plan;
    readonly TeacherQuery _live;
    long _done;

    /// <param name="teacher">Stays the caller's.</param>
    /// <param name="job">What is cached where.</param>
    public CacheWriter(ITeacher teacher, CacheSpec job)
    {
        (_job, _layout) = (OptionRules.Check(job), job.Layout());
        _plan = new(job.Identity.Examples, job.Identity.Views, _layout.Bytes);
        _live = new(teacher, job, _layout);
        if (job.Identity.Examples != job.Data.Count || job.Identity.Views != job.Data.Views) throw new ArgumentException(
            "The identity must state the data's own number of examples and views.", nameof(job));
    }

    /// <summary>
    /// What is yet to be written will cost this, measured on the first batch; null where nothing is missing. Refuses where
    /// the disk has no room for it.
    /// </summary>
    public CacheEstimate? Forecast()
    {
        Directory.CreateDirectory(_job.Folder);
        using var store = CacheStore.Open(_job.Folder, _job.Identity, _layout);
        var missing = Mine().Where(place => !IsThere(store, place)).ToList();
        if (missing.Count == 0) return null;
        var (teacher, read) = Times();
        var forecast = new CacheEstimate
        {
            Examples = _plan.Examples, Views = _job.Identity.Views, Passes = _job.Passes,
            Bytes = (long)_plan.Examples * _job.Identity.Views * (_layout.Bytes + sizeof(int)),
            AnswersToWrite = missing.Sum(place => (long)place.Count),
            BytesToWrite = missing.Sum(place => (long)place.Count * (_layout.Bytes + sizeof(int))),
            FreeBytes = new DriveInfo(Path.GetFullPath(_job.Folder)).AvailableFreeSpace,
            TeacherSeconds = teacher, ReadSeconds = read,
        };
        return forecast.BytesToWrite <= forecast.FreeBytes ? forecast : throw new IOException(
            $"The cache in {_job.Folder} needs {CacheEstimate.Size(forecast.BytesToWrite)} more, and the disk has {CacheEstimate.Size(forecast.FreeBytes)} left: choose another teacher.path, fewer views, or the codec top-k.");
    }

    /// <summary>
    /// Writes the shards of this writer's share that are not there, and returns when all of them are, whoever wrote them.
    /// Shards that are there are read through once. Cancelled, it gives up the shard at hand and keeps the others.
    /// </summary>
    public void Fill(CancellationToken token = default)
    {
        Directory.CreateDirectory(_job.Folder);
        CacheFileLock.Sweep(_job.Folder);
        List<ShardPlace> missing;
        using (var store = CacheStore.Open(_job.Folder, _job.Identity, _layout))
        {
            foreach (var shard in store.Shards) shard.CheckRecords();
            missing = [.. Mine().Where(place => !IsThere(store, place))];
        }
        _done = Mine().Sum(place => (long)place.Count) - missing.Sum(place => (long)place.Count);
        Tell();
        while (missing.Count > 0)
        {
            var left = missing.Where(place => !Written(place, token)).ToList();
            if (left.Count == missing.Count && token.WaitHandle.WaitOne(Turn)) token.ThrowIfCancellationRequested();   // others are at work on all of them
            missing = left;
        }
    }

    IEnumerable<ShardPlace> Mine() => _plan.Share(_job.Share.Writer, _job.Share.Writers);

    static bool IsThere(CacheStore store, ShardPlace place) =>
        store.Shards.Any(shard => shard.Header.View == place.View && shard.Header.Number == place.Number);

    void Tell() => _job.Progress?.Report(new(_done, Mine().Sum(place => (long)place.Count)));

    /// <summary>Writes a shard; false where another writer has claimed it and is not done.</summary>
    bool Written(ShardPlace place, CancellationToken token)
    {
        var path = Path.Combine(_job.Folder, place.FileName);
        if (!File.Exists(path))
        {
            using var claim = CacheFileLock.Take(path);
            if (claim is null) return false;
            if (!File.Exists(path)) Write(place, path, token);
        }
        _done += place.Count;
        Tell();
        return true;
    }

    void Write(ShardPlace place, string path, CancellationToken token)
    {
        var (ids, records) = (new int[place.Count], new byte[(long)place.Count * _layout.Bytes]);
        var measures = _layout.Fields.Select(field => new ErrorMeasure(field)).ToList();
        var batch = Math.Min(_job.Batch, _plan.PerShard);
        var (answers, now, next) = (_live.Room(batch), new HostBatch(), new HostBatch());
        var ahead = Task.Run(() => _live.Prepare(Positions(place, 0, batch), place.View, now), token);
        for (var at = 0; at < place.Count; at += batch)
        {
            token.ThrowIfCancellationRequested();
            ahead.GetAwaiter().GetResult();
            var (from, into) = (at + batch, next);
            if (from < place.Count) ahead = Task.Run(() => _live.Prepare(Positions(place, from, batch), place.View, into), CancellationToken.None);
            _live.Ask(now, answers);
            Keep(now.Ids, answers, at, Math.Min(batch, place.Count - at));
            (now, next) = (next, now);
        }
        var header = new ShardHeader(_job.Identity, [.. measures.Select(measure => measure.Result)], place.View, place.Number, place.Count, _layout.Bytes);
        AtomicFile.Write(path, file =>
        {
            file.Write(header.Bytes(ids));
            file.Write(records);
        });

        void Keep(ReadOnlySpan<int> batchIds, float[][] values, int at, int count)
        {
            for (var i = 0; i < count; i++)
            {
                ids[at + i] = batchIds[i];
                var record = records.AsSpan((at + i) * _layout.Bytes, _layout.Bytes);
                for (var f = 0; f < _layout.Fields.Count; f++)
                {
                    var field = _layout.Fields[f];
                    var one = values[f].AsSpan(i * field.Width, field.Width);
                    field.Codec.Encode(one, field.Of(record));
                    measures[f].Add(one, field.Of(record));
                }
                MemoryMarshal.Write(record[_layout.Payload..], Crc.Of(batchIds[i], place.View, record[.._layout.Payload]));
            }
        }
    }

    /// <summary>A batch is always full: the last one goes on with the shard's first examples.</summary>
    static int[] Positions(ShardPlace place, int at, int batch) =>
        [.. Enumerable.Range(at, batch).Select(i => place.First + i % place.Count)];

    /// <summary>Seconds of the teacher and of reading, for one example.</summary>
    (double Teacher, double Read) Times()
    {
        var batch = Math.Min(_job.Batch, _plan.PerShard);
        var answers = _live.Room(batch);
        var prepared = _live.Prepare(Positions(_plan.At(0, 0), 0, batch), 0, new());
        _live.Ask(prepared, answers);                                      // warm-up
        var since = _job.Clock.GetTimestamp();
        var times = 0;
        for (; times == 0 || times < 3 && _job.Clock.GetElapsedTime(since).TotalSeconds < 0.2; times++) _live.Ask(prepared, answers);
        var teacher = _job.Clock.GetElapsedTime(since).TotalSeconds / times / batch;

        return (teacher, Enumerable.Range(0, 20).Min(_ => ReadTime(answers)));
    }

    /// <summary>
    /// Seconds to check and decode one answer that lies in memory, the mean of a few hundred: what the compiler or another
    /// process takes is no part of it, nor is a disk that was not read before.
    /// </summary>
    double ReadTime(float[][] answers)
    {
        const int Readings = 200;
        var record = new byte[_layout.Bytes];
        foreach (var (field, one) in _layout.Fields.Zip(answers)) field.Codec.Encode(one.AsSpan(0, field.Width), field.Of(record.AsSpan()));
        var check = Crc.Of(0, 0, record.AsSpan(0, _layout.Payload));
        var began = _job.Clock.GetTimestamp();
        for (var i = 0; i < Readings; i++)
        {
            if (Crc.Of(0, 0, record.AsSpan(0, _layout.Payload)) != check) throw new InvalidOperationException("The memory changed under our hands.");
            for (var f = 0; f < _layout.Fields.Count; f++)
                _layout.Fields[f].Codec.Decode(_layout.Fields[f].Of(record.AsSpan()), answers[f].AsSpan(0, _layout.Fields[f].Width));
        }
        return _job.Clock.GetElapsedTime(began).TotalSeconds / Readings;
    }
}
