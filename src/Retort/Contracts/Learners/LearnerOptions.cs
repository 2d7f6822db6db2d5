namespace Retort.Contracts.Learners;

/// <summary>
/// A learner of reinforcement learning and its training: a method by itself, and what methods with several learners
/// name as <c>learner</c>.
/// </summary>
public abstract record LearnerOptions : ProcedureOptions
{
    /// <summary>What helps where a loss is no longer a finite number.</summary>
    internal const string Advice = "A lower learning rate among the learner's options usually helps.";

    private protected LearnerOptions() { }

    /// <summary>The steps in the environment, of one learner.</summary>
    [AtLeast(1)] public int Steps { get; init; } = 1_000_000;

    /// <summary>γ: what a reward is worth one step later.</summary>
    [LessThanOne] public double Discount { get; init; } = 0.99;

    /// <summary>Whether observations are standardized by the running mean and deviation of the learner's own.</summary>
    public bool NormalizeObservations { get; init; } = true;

    /// <summary>Steps of a learner between two evaluations on the validation episodes.</summary>
    [AtLeast(1)] public int EvaluationInterval { get; init; } = 2000;

    /// <inheritdoc/>
    public override bool IsControl() => true;

    /// <summary>Its name in messages.</summary>
    internal abstract string Name { get; }

    /// <summary>How many steps one of several learners takes before the next one's turn.</summary>
    internal abstract int Turn { get; }

    /// <summary>How many updates lie between two distillations, as in the code of DPD.</summary>
    internal abstract int DistillationInterval { get; }

    /// <summary>The batch of a distillation step.</summary>
    internal abstract int DistillationBatch { get; }

    /// <summary>The learning rate of a distillation step.</summary>
    internal abstract double DistillationRate { get; }

    /// <summary>A learner.</summary>
    internal abstract Learner NewLearner(LearnerSetting setting);

    /// <summary>Refuses an environment or a network that it cannot use.</summary>
    /// <exception cref="InvalidOperationException">It does not fit.</exception>
    internal abstract void Check(ActionSpace actions, Network policy);

    /// <summary>Refuses data, an environment or a network that it cannot use.</summary>
    internal void Check(string method, LearningTask task, DatasetInfo data, ModelOptions student)
    {
        CheckTask(method, task);
        using var scope = torch.NewDisposeScope();
        using var policy = student.Build(data);
        Check(data.Actions!, policy);
    }

    /// <summary>Refuses a task of data.</summary>
    internal static void CheckTask(string method, LearningTask task)
    {
        if (task.Name != "return") throw new InvalidOperationException(
            $"The method \"{method}\" learns in an environment, and the recipe has data: name an environment in place "
            + "of data.");
    }
}
