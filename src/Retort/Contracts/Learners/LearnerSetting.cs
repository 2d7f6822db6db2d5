namespace Retort.Contracts.Learners;

/// <summary>What a learner is made for.</summary>
/// <param name="Context">The run.</param>
/// <param name="Index">Its number among the learners of a run, from 0.</param>
/// <param name="Window">How many of its newest observations others draw from; 0 for none.</param>
/// <param name="Model">The policy; null for the recipe's student.</param>
sealed record LearnerSetting(ProcedureContext Context, int Index = 0, int Window = 0, ModelOptions? Model = null)
{
    /// <summary>The environment, of its own.</summary>
    public ControlEnvironment NewEnvironment() => Context.Environment!.Build();

    /// <summary>The policy with its first weights: the first learner has the control's.</summary>
    public PolicyNetwork NewPolicy() => (PolicyNetwork)(Index == 0 && Model is null ? Context.NewStudent()
        : Context.NewNetwork(Invariant($"learner-{Index}"), Model));

    /// <summary>Seeds libtorch for the learner's other networks.</summary>
    public void SeedWeights() => RandomStream.SeedTorch(Context.Seed, StreamKey.Weights, 1000 + Index);

    /// <summary>Random numbers of this learner.</summary>
    public RandomStream Random(StreamKey key, long count) => new(Context.Seed, key, count, Index);
}
