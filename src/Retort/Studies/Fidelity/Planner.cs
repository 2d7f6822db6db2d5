namespace Retort.Studies.Fidelity;

/// <summary>Makes the networks of a setting, seed by seed.</summary>
sealed class Planner(StudySetting setting)
{
    const int FirstTeacherSeed = 100_000;

    /// <summary>The setting.</summary>
    public StudySetting Setting => setting;

    /// <summary>The teachers of a seed; each has a seed that no other network has.</summary>
    public IReadOnlyList<StudyNetwork> Teachers(int seed, int members = 1, DistillationSet? examples = null) =>
    [
        .. Enumerable.Range(0, members).Select(member => new StudyNetwork
        {
            Role = "teacher",
            Network = setting.Network,
            Training = setting.TeacherTraining,
            Seed = FirstTeacherSeed + 100 * seed + member,
            Examples = examples ?? new() { Count = setting.LabelledExamples, Augmentation = setting.Augmentation },
        }),
    ];

    /// <summary>The student of a seed, which learns from its teachers.</summary>
    public StudyNetwork Student(int seed, int members = 1) => new()
    {
        Role = "student",
        Network = setting.Student ?? setting.Network,
        Training = setting.StudentTraining,
        Seed = seed,
        Teachers = Teachers(seed, members),
        Examples = new() { Count = setting.Examples, Augmentation = setting.Augmentation },
        Temperature = setting.Temperature,
    };

    /// <summary>The student of a seed on other distillation data.</summary>
    public StudyNetwork Student(int seed, DataPolicy policy) => Student(seed) with
    {
        Examples = new()
        {
            Count = policy.Examples ?? setting.Examples,
            Augmentation = policy.Augmentation,
            OutOfDomain = policy.OutOfDomain,
        },
    };

    /// <summary>An arm for each way to make the distillation data, in their order.</summary>
    public IReadOnlyList<Arm> Along(IReadOnlyList<DataPolicy> policies) =>
        [.. policies.Select((policy, i) => new Arm(policy.Title, i, seed => Student(seed, policy)))];
}
