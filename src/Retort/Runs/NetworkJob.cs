namespace Retort.Runs;

/// <summary>
/// Trains a network, or runs a procedure that makes one. For a pretrained teacher it only computes predictions.
/// </summary>
sealed record NetworkJob : NetworkFolderJob
{
    /// <summary>The network's role.</summary>
    public required Role Role { get; init; }

    /// <summary>The seed of initial weights, order and augmentation.</summary>
    public required int Seed { get; init; }

    /// <summary>The number of the search's trial; null for a network that is reported.</summary>
    public int? Trial { get; init; }

    /// <summary>The epochs after which a trial is compared, counted from its start; 0 for the whole training.</summary>
    public int Epochs { get; init; }

    /// <summary>The job that trains or opens the teacher; null where the network has none.</summary>
    public string? Teacher { get; init; }

    /// <summary>The job of the control of a student's seed; null where the network has none.</summary>
    public string? Control { get; init; }

    /// <summary>Whether a network is trained; false of a pretrained teacher, which only predicts.</summary>
    public bool IsTrained => Artifacts.Any(artifact => artifact.Kind == ArtifactKind.Network);

    /// <summary>Whether it belongs to a search, and must not use the test split.</summary>
    public bool IsTrial => Trial is not null;
}
