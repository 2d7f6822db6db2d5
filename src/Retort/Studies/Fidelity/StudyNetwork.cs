using Retort.Runs;
using Retort.Training;
using Retort.Recipes;
using Retort.Report;
using Retort.Data.Augmentation;

namespace Retort.Studies.Fidelity;

/// <summary>One network of a study: all that its weights follow from.</summary>
sealed record StudyNetwork
{
    /// <summary><c>teacher</c> or <c>student</c>.</summary>
    public required string Role { get; init; }

    public required ModelOptions Network { get; init; }
    public required StudyTraining Training { get; init; }

    /// <summary>Of first weights, order and augmentation.</summary>
    public required int Seed { get; init; }

    public required DistillationSet Examples { get; init; }

    /// <summary>Who is learned from, together where they are several; nobody: the labels.</summary>
    public IReadOnlyList<StudyNetwork> Teachers { get; init; } = [];

    /// <summary>τ.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>α: what the labels weigh beside the teacher.</summary>
    public double LabelWeight { get; init; }

    /// <summary>Where the weights begin, unless they are drawn.</summary>
    public InitialWeights? InitialWeights { get; init; }
}

/// <summary>Which examples of the training part, in the study's order, and what is done to them.</summary>
sealed record DistillationSet
{
    /// <summary>The first.</summary>
    public int From { get; init; }

    /// <summary>How many; null: to the last.</summary>
    public int? Count { get; init; }

    public IReadOnlyList<AugmentationOptions> Augmentation { get; init; } = [];
    public bool OutOfDomain { get; init; }
}

/// <summary>First weights λ θ + (1 - λ) drawn ones, θ the only teacher's.</summary>
/// <param name="Share">λ.</param>
/// <param name="Trained">Whether θ is what the teacher was trained to; else what it began with.</param>
sealed record InitialWeights(double Share, bool Trained);

/// <summary>One step of a claim's grid.</summary>
/// <param name="Name">As tables call it; within the claim it is the only one.</param>
/// <param name="X">The number that is changed, where it is one; else the place in the list.</param>
/// <param name="Student">The student of each seed.</param>
sealed record Arm(string Name, double X, Func<int, StudyNetwork> Student);

/// <summary>What a setting makes of a seed.</summary>
sealed class Planner(StudySetting setting)
{
    const int FirstTeacherSeed = 100_000;

    public StudySetting Setting => setting;

    /// <summary>The teachers of a seed: as many, each with a seed of its own, that nobody else has.</summary>
    public IReadOnlyList<StudyNetwork> Teachers(int seed, int members = 1, DistillationSet? lesson = null) =>
    [
        .. Enumerable.Range(0, members).Select(member => new StudyNetwork
        {
            Role = "teacher", Network = setting.Network, Training = setting.Teaching,
            Seed = FirstTeacherSeed + 100 * seed + member,
            Examples = lesson ?? new() { Count = setting.LabelledExamples, Augmentation = setting.Augmentation },
        }),
    ];

    /// <summary>The student of a seed that learns from its teachers.</summary>
    public StudyNetwork Student(int seed, int members = 1) => new()
    {
        Role = "student", Network = setting.Student ?? setting.Network, Training = setting.Learning, Seed = seed,
        Teachers = Teachers(seed, members),
        Examples = new() { Count = setting.Examples, Augmentation = setting.Augmentation },
        Temperature = setting.Temperature,
    };

    /// <summary>The same on other data.</summary>
    public StudyNetwork Student(int seed, DataPolicy policy) => Student(seed) with
    {
        Examples = new()
        {
            Count = policy.Examples ?? setting.Examples, Augmentation = policy.Augmentation,
            OutOfDomain = policy.OutOfDomain,
        },
    };

    /// <summary>A step for each way to make the data, in their order.</summary>
    public IReadOnlyList<Arm> Along(IReadOnlyList<DataPolicy> policies) =>
        [.. policies.Select((policy, i) => new Arm(policy.Title, i, seed => Student(seed, policy)))];
}
