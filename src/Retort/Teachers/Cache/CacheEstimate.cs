using static System.FormattableString;

namespace Retort.Teachers.Cache;

/// <summary>What a cache will cost and when it pays, measured on a few batches before anything is written.</summary>
public sealed record CacheEstimate
{
    /// <summary>N.</summary>
    public required int Examples { get; init; }

    /// <summary>V.</summary>
    public required int Views { get; init; }

    /// <summary>Of the whole cache, on the disk.</summary>
    public required long Bytes { get; init; }

    /// <summary>Of this writer's shards that are not there yet.</summary>
    public required long BytesToWrite { get; init; }

    /// <summary>Answers this writer has yet to ask for.</summary>
    public required long AnswersToWrite { get; init; }

    /// <summary>What the disk has room for.</summary>
    public required long FreeBytes { get; init; }

    /// <summary>The teacher's time for one example.</summary>
    public required double TeacherSeconds { get; init; }

    /// <summary>The time to check and decode one answer that lies in memory.</summary>
    public required double ReadSeconds { get; init; }

    /// <summary>How often students will go through the data.</summary>
    public required int Passes { get; init; }

    /// <summary>How long the writing takes.</summary>
    public double WriteSeconds => AnswersToWrite * TeacherSeconds;

    /// <summary>
    /// The first pass over the data, counted over all students, at whose end the teacher itself would have taken longer:
    /// e N t &gt; write + e N r. Null where reading takes as long as asking.
    /// </summary>
    public int? PaysAtPass => TeacherSeconds <= ReadSeconds ? null
        : Math.Max((int)Math.Min(Math.Floor(WriteSeconds / (Examples * (TeacherSeconds - ReadSeconds))) + 1, int.MaxValue), 1);

    /// <summary>As a person is told.</summary>
    public override string ToString()
    {
        var cost = Invariant($"teacher {Duration(TeacherSeconds)} an example, {Examples} examples × {Views} {(Views == 1 ? "view" : "views")}: {Size(Bytes)}");
        var writing = Invariant($"{cost} ({Size(FreeBytes)} free), about {Duration(WriteSeconds)} to write");
        return PaysAtPass is not { } pays ? $"{writing}; it never pays, for reading takes as long as asking"
            : Invariant($"{writing}; pays from pass {pays} over the data on, counted over all students; this run has {Passes}{(pays > Passes ? ", so only later runs gain by it" : "")}");
    }

    /// <summary>Bytes as a person says them: 980 B, 4.8 MB, 1.3 GB.</summary>
    internal static string Size(long bytes) => bytes switch
    {
        < 1000 => Invariant($"{bytes} B"),
        < 1_000_000 => Invariant($"{bytes / 1e3:0.#} kB"),
        < 1_000_000_000 => Invariant($"{bytes / 1e6:0.#} MB"),
        _ => Invariant($"{bytes / 1e9:0.#} GB"),
    };

    static string Duration(double seconds) => seconds switch
    {
        < 1e-3 => Invariant($"{seconds * 1e6:0.#} µs"),
        < 1 => Invariant($"{seconds * 1e3:0.#} ms"),
        < 100 => Invariant($"{seconds:0.#} s"),
        < 6000 => Invariant($"{seconds / 60:0} min"),
        _ => Invariant($"{seconds / 3600:0.#} h"),
    };
}
