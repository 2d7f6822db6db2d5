namespace Retort.Teachers.Cache;

/// <summary>What a cache will cost and when it pays, measured on a few batches before anything is written.</summary>
public sealed record CacheEstimate
{
    /// <summary>N.</summary>
    public required int Examples { get; init; }

    /// <summary>V.</summary>
    public required int Views { get; init; }

    /// <summary>Bytes of the whole cache, on the disk.</summary>
    public required long Bytes { get; init; }

    /// <summary>Bytes of this writer's missing shards.</summary>
    public required long BytesToWrite { get; init; }

    /// <summary>Records of this writer's missing shards.</summary>
    public required long AnswersToWrite { get; init; }

    /// <summary>Free bytes of the disk.</summary>
    public required long FreeBytes { get; init; }

    /// <summary>The teacher's time for one example.</summary>
    public required double TeacherSeconds { get; init; }

    /// <summary>The time to check and decode one record in memory.</summary>
    public required double ReadSeconds { get; init; }

    /// <summary>Passes of all students over the data.</summary>
    public required int Passes { get; init; }

    /// <summary>The time to write the missing shards.</summary>
    public double WriteSeconds => AnswersToWrite * TeacherSeconds;

    /// <summary>
    /// The first pass over the data, counted over all students, after which the teacher itself would have taken longer:
    /// e N t &gt; write + e N r. Null where reading takes as long as running the teacher.
    /// </summary>
    public int? PaysAtPass
    {
        get
        {
            if (TeacherSeconds <= ReadSeconds) return null;
            var passes = Math.Floor(WriteSeconds / (Examples * (TeacherSeconds - ReadSeconds))) + 1;
            return Math.Max((int)Math.Min(passes, int.MaxValue), 1);
        }
    }

    /// <summary>The estimate in one sentence.</summary>
    public override string ToString()
    {
        var views = Views == 1 ? "view" : "views";
        var (size, free) = (NumberFormat.ShortBytes(Bytes), NumberFormat.ShortBytes(FreeBytes));
        var (one, all) = (NumberFormat.ShortDuration(TeacherSeconds), NumberFormat.ShortDuration(WriteSeconds));
        var cost = Invariant($"teacher {one} an example, {Examples} examples × {Views} {views}: {size} ({free} free), ")
            + $"about {all} to write";
        if (PaysAtPass is not { } pays) return $"{cost}; it never pays, for reading takes as long as the teacher";
        return Invariant($"{cost}; pays from pass {pays} over the data on, counted over all students; this run has ")
            + Invariant($"{Passes}{(pays > Passes ? ", so only later runs gain by it" : "")}");
    }
}
