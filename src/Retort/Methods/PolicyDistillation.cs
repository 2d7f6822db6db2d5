using Retort.Contracts.Learners;

namespace Retort.Methods;

/// <summary>Options of <see cref="PolicyDistillation"/>.</summary>
public sealed record PolicyDistillationOptions : ProcedureOptions
{
    /// <summary>How the teacher learns, and for how many steps in the environment.</summary>
    public LearnerOptions Learner { get; init; } = new DdpgOptions();

    /// <summary>The teacher's network; unset: as the student.</summary>
    public ModelOptions? TeacherNetwork { get; init; }

    /// <summary>How many of the teacher's newest states the student learns from.</summary>
    [AtLeast(1)] public int Window { get; init; } = 10_000;

    /// <summary>Gradient steps of the student, after the teacher's training.</summary>
    [AtLeast(1)] public int DistillationSteps { get; init; } = 10_000;

    /// <summary>States of a gradient step.</summary>
    [AtLeast(1)] public int BatchSize { get; init; } = 64;

    /// <summary>The learning rate of the student, by Adam.</summary>
    [Positive] public double LearningRate { get; init; } = 1e-3;

    public override Procedure Build() => new PolicyDistillation(OptionRules.Check(this));
}

/// <summary>
/// A student imitates a policy that was trained before, in the states which that policy saw: the classic of teacher and
/// student, and the baseline of dual policy distillation.
/// </summary>
/// <remarks>
/// Differs from the paper: actions are numbers, and the loss their mean squared difference; of discrete actions it is
/// the paper's KL(teacher ‖ student), at temperature 1 since logits of PPO are no values of actions.
/// </remarks>
[Paper("policy-kd", "Rusu, Colmenarejo, Gülçehre, Desjardins, Kirkpatrick, Pascanu, Mnih, Kavukcuoglu, Hadsell, Policy "
    + "distillation, ICLR 2016, arXiv:1511.06295", 2016)]
public sealed class PolicyDistillation(PolicyDistillationOptions options) : Procedure
{
    const string Policy = "policy";
    const string Teacher = "teacher";

    public override bool TrainsInLoops => true;

    /// <inheritdoc/>
    /// <remarks>The student's network learns by itself, with as many steps in the environment.</remarks>
    public override MethodOptions Control => options.Learner;

    public override void Check(LearningTask task) => LearnerOptions.CheckTask("policy-kd", task);

    public override void CheckNetworks(
        LearningTask task, DatasetInfo data, ModelOptions student, ModelOptions? teacher)
    {
        options.Learner.Check("policy-kd", task, data, options.TeacherNetwork ?? student);
        options.Learner.Check("policy-kd", task, data, student);
    }

    public override ProcedureResult Run(ProcedureContext context)
    {
        using var scope = torch.NewDisposeScope();
        using var group = new LearnerGroup(
            options.Learner, context, count: 1, options.Window, options.TeacherNetwork ?? context.Student);
        context.Loop(new()
        {
            Name = "learning", Steps = group.Steps, State = () => group.State, Step = group.Step,
            Advice = LearnerOptions.Advice,
        });
        context.SaveNetwork(Teacher, group.Learners[0].Policy, options.TeacherNetwork);

        using var student = (PolicyNetwork)context.NewStudent();
        using var optimizer = new Adam(student.ParametersWithNames());
        student.CopyStatistics(group.Learners[0].Policy);                   // observations look the same to both
        context.Loop(new()
        {
            Name = "distillation",
            Steps = options.DistillationSteps,
            State = () => student.state_dict().Concat(optimizer.State),
            Step = step => Imitate(context, group.Learners[0], student, optimizer, step),
        });
        context.SaveNetwork(Policy, student);
        return new([new(Policy)]) { Figures = group.Figures(), Curves = group.Curves() };
    }

    double Imitate(ProcedureContext context, Learner teacher, PolicyNetwork student, Optimizer optimizer, long step)
    {
        var random = new RandomStream(context.Seed, StreamKey.Method, step);
        var s = teacher.DrawObservations(options.BatchSize, ref random);    // [B, D]
        Tensor wanted;
        using (torch.no_grad()) wanted = teacher.Act(s);                    // [B, A]
        optimizer.ZeroGrad();
        var loss = Distance(student, student.Unit(student.Standardized(s)), wanted);
        loss.backward();
        optimizer.Step(options.LearningRate);
        return loss.ToSingle();
    }

    /// <summary>The mean squared difference of actions; of discrete ones KL(teacher ‖ student). → []</summary>
    internal static Tensor Distance(PolicyNetwork student, Tensor mine, Tensor teachers) =>
        student.Actions.IsContinuous ? mine.Subtract(teachers).Squared().mean()
            : KlDivergence(teachers.Softmax(), mine.LogSoftmax());
}
