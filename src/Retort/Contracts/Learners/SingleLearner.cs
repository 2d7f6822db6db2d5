namespace Retort.Contracts.Learners;

/// <summary>One learner by itself: the procedure of the methods <c>ddpg</c> and <c>ppo</c>.</summary>
sealed class SingleLearner(LearnerOptions options) : Procedure
{
    const string Policy = "policy";

    public override bool TrainsInLoops => true;

    public override void Check(LearningTask task) => LearnerOptions.CheckTask(options.Name, task);

    public override void CheckNetworks(
        LearningTask task, DatasetInfo data, ModelOptions student, ModelOptions? teacher) =>
        options.Check(options.Name, task, data, student);

    public override ProcedureResult Run(ProcedureContext context)
    {
        using var scope = torch.NewDisposeScope();
        using var group = new LearnerGroup(options, context);
        context.Loop(new()
        {
            Name = "learning",
            Steps = group.Steps,
            State = () => group.State,
            Step = group.Step,
            Advice = LearnerOptions.Advice,
        });
        context.SaveNetwork(Policy, group.Learners[0].Policy);
        return new([new(Policy)]) { Figures = group.Figures(), Curves = group.Curves() };
    }
}
