using TorchSharp;

namespace Retort.Teachers.Cache;

/// <summary>What is to be cached, where, and by whom.</summary>
public sealed record CacheSpec : IValidated
{
    /// <summary>The folder of the shards.</summary>
    public required string Folder { get; init; }

    /// <summary>Whose answers to what.</summary>
    public required CacheIdentity Identity { get; init; }

    /// <summary>How numbers are kept.</summary>
    public required CodecOptions Codec { get; init; }

    /// <summary>The training part: its views are what is asked about.</summary>
    public required IDataSplit Data { get; init; }

    /// <summary>Where the teacher is.</summary>
    public torch.Device Device { get; init; } = torch.CPU;

    /// <summary>
    /// Examples the teacher is asked about at a time. The training's own batch: where an answer's last bits depend on how
    /// many are asked together, they then stay the same.
    /// </summary>
    [AtLeast(1)] public int Batch { get; init; } = 64;

    /// <summary>Which writer this is of how many; the first is 1.</summary>
    public (int Writer, int Writers) Share { get; init; } = (1, 1);

    /// <summary>How often students will go through the data: what the forecast weighs the writing against.</summary>
    public int Passes { get; init; } = 1;

    /// <summary>Times the teacher.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Hears how far the writing is.</summary>
    public IProgress<CacheProgress>? Progress { get; init; }

    /// <inheritdoc/>
    public OptionError? Validate() => Share.Writer >= 1 && Share.Writer <= Share.Writers ? null
        : new(nameof(Share), FormattableString.Invariant(
            $"must be i of n with i from 1 to n; it is {Share.Writer} of {Share.Writers}."));

    internal RecordLayout Layout() => new(Identity.Outputs, Codec);
}

/// <summary>How far a cache is.</summary>
/// <param name="Done">Answers that are kept, of the writer's share.</param>
/// <param name="All">Answers in the writer's share.</param>
public sealed record CacheProgress(long Done, long All);
