namespace Retort.Teachers.Cache;

/// <summary>What is to be cached, where, and by which writer.</summary>
public sealed record CacheSpec : IValidated
{
    /// <summary>The folder of the shards.</summary>
    public required string Folder { get; init; }

    /// <summary>What the cache holds.</summary>
    public required CacheIdentity Identity { get; init; }

    /// <summary>The encoding of numbers.</summary>
    public required CodecOptions Codec { get; init; }

    /// <summary>The training split: the teacher is run on its views.</summary>
    public required IDataSplit Data { get; init; }

    /// <summary>The teacher's device.</summary>
    public torch.Device Device { get; init; } = torch.CPU;

    /// <summary>
    /// Examples of one run of the teacher. It is the training's batch size: where the last bits of an output depend on
    /// the number of examples in the batch, they then stay the same.
    /// </summary>
    [AtLeast(1)]
    public int Batch { get; init; } = 64;

    /// <summary>The number of this writer, from 1, and of all writers.</summary>
    public (int Writer, int Writers) Share { get; init; } = (1, 1);

    /// <summary>Passes of all students over the data: the forecast compares the cost of writing with them.</summary>
    public int Passes { get; init; } = 1;

    /// <summary>Measures the teacher's time.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Receives the progress of writing.</summary>
    public IProgress<CacheProgress>? Progress { get; init; }

    public OptionError? Validate() => Share.Writer >= 1 && Share.Writer <= Share.Writers ? null
        : new(nameof(Share), Invariant(
            $"must be i of n with i from 1 to n; it is {Share.Writer} of {Share.Writers}."));

    internal RecordLayout Layout() => new(Identity.Outputs, Codec);
}

/// <summary>The progress of a cache's writer.</summary>
/// <param name="Done">Records that are written, of the writer's share.</param>
/// <param name="All">Records in the writer's share.</param>
public sealed record CacheProgress(long Done, long All);
