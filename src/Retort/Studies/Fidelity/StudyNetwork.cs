namespace Retort.Studies.Fidelity;

/// <summary>
/// One network of a study: everything that its weights depend on. Its name is a hash of this record's JSON, so that
/// names and order of the properties must stay.
/// </summary>
sealed record StudyNetwork
{
    /// <summary><c>teacher</c> or <c>student</c>.</summary>
    public required string Role { get; init; }

    public required ModelOptions Network { get; init; }
    public required StudyTraining Training { get; init; }

    /// <summary>The seed of initial weights, order and augmentation.</summary>
    public required int Seed { get; init; }

    /// <summary>The examples that it is trained on.</summary>
    public required DistillationSet Examples { get; init; }

    /// <summary>The teachers, as an ensemble where there are several; none: it learns from the labels.</summary>
    public IReadOnlyList<StudyNetwork> Teachers { get; init; } = [];

    /// <summary>τ.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>α: the weight of the labels beside the teacher.</summary>
    public double LabelWeight { get; init; }

    /// <summary>The initial weights; null where they are drawn.</summary>
    public InitialWeights? InitialWeights { get; init; }
}
