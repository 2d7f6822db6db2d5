using Retort.Teachers.Cache;

namespace Retort.Teachers;

/// <summary>
/// A teacher whose outputs for the training examples are computed once, written to files, and read from there.
/// </summary>
public sealed record CachedTeacherOptions : TeacherOptions, IValidated
{
    /// <summary>The teacher that computes the outputs.</summary>
    public required TeacherOptions Teacher { get; init; }

    /// <summary>The encoding of numbers.</summary>
    public CodecOptions Codec { get; init; } = new Float16Options();

    /// <summary>
    /// The folder of the cache, for any number of runs. Unless given, <c>teacher-cache</c> beside the run's folder, in
    /// a folder named after what the cache holds: runs that need the same outputs of the same teacher share it.
    /// </summary>
    [RecipePath]
    public string? Path { get; init; }

    /// <summary>How many records, drawn at random, are compared with the teacher at every start.</summary>
    [NotNegative]
    public int Check { get; init; } = 32;

    public OptionError? Validate() => Teacher is not CachedTeacherOptions ? null
        : new(nameof(Teacher), "must be a teacher itself; it is a cache.");
}
