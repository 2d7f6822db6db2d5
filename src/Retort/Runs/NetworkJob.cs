namespace Retort.Runs;

/// <summary>The roles of a run's networks.</summary>
enum Role
{
    Teacher,
    Control,
    Student,
}

/// <summary>Trains a network, or runs a procedure that makes one; a pretrained teacher is only asked for predictions.</summary>
sealed record NetworkJob : NetworkFolderJob
{
    /// <summary>Whose network it is.</summary>
    public required Role Role { get; init; }

    /// <summary>The seed of initial weights, order and augmentation.</summary>
    public required int Seed { get; init; }

    /// <summary>The number of the search's trial; null for a network that is reported.</summary>
    public int? Trial { get; init; }

    /// <summary>Of a trial: epochs after which it is compared, counted from its beginning; 0 for the whole training.</summary>
    public int Epochs { get; init; }

    /// <summary>The job that trains or opens the teacher; null where the network has none.</summary>
    public string? Teacher { get; init; }

    /// <summary>Whether it serves a search, and must not see the test split.</summary>
    public bool IsTrial => Trial is not null;
}

/// <summary>Writes the outputs of the teacher into its cache.</summary>
sealed record CacheJob : Job
{
    /// <summary>The job of the teacher.</summary>
    public required string Teacher { get; init; }
}

/// <summary>Compares the trials of a side after a rung, and chooses those that go on.</summary>
sealed record SelectJob : Job
{
    /// <summary>Student or control.</summary>
    public required Role Role { get; init; }

    /// <summary>The rung's index, from 0.</summary>
    public required int Rung { get; init; }
}

/// <summary>Writes <c>search.json</c>: what both sides tried and chose.</summary>
sealed record SearchTableJob : Job;

/// <summary>Takes the best student's teacher of a search as the run's.</summary>
sealed record AdoptTeacherJob : NetworkFolderJob;

/// <summary>Measures how long a network takes for one example.</summary>
sealed record LatencyJob : Job
{
    /// <summary>The job of the network.</summary>
    public required string Network { get; init; }
}
