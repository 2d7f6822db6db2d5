using Retort.Environments;
using Retort.Methods;
using Retort.Models;

namespace Retort.Tests.Methods;

/// <summary>The loss of policy distillation by hand.</summary>
public sealed class PolicyDistillationTests
{
    [Fact] // ((0.5 − 1)² + (0 − 0.5)²) / 2
    public void Numbers_are_compared_by_their_mean_squared_difference()
    {
        using var scope = torch.NewDisposeScope();
        using var student = Policy(new PendulumOptions());
        float[] mine = [0.5f, 0], teachers = [1, 0.5f];
        var found = PolicyDistillation.Distance(student, mine.ToTensor(2, 1), teachers.ToTensor(2, 1));
        Assert.Equal(0.25, found.ToDouble(), 1e-7);
    }

    [Fact] // the teacher's (3/4, 1/4) to the student's (1/2, 1/2): ¾ ln 1.5 + ¼ ln 0.5
    public void Discrete_actions_are_compared_by_the_divergence_of_their_probabilities()
    {
        using var scope = torch.NewDisposeScope();
        using var student = Policy(new CartPoleOptions());
        float[] teachers = [(float)Math.Log(3), 0];
        var found = PolicyDistillation.Distance(student, torch.zeros(1, 2), teachers.ToTensor(1, 2));
        Assert.Equal(0.75 * Math.Log(1.5) + 0.25 * Math.Log(0.5), found.ToDouble(), 1e-6);
    }

    [Fact]
    public void The_statistics_of_the_observations_are_taken_over()
    {
        using var scope = torch.NewDisposeScope();
        using var teacher = Policy(new PendulumOptions());
        using var student = Policy(new PendulumOptions());
        teacher.SetStatistics([1, 2, 3], [1, 2, 4]);
        student.CopyStatistics(teacher);
        float[] observation = [2, 2, 7];
        Assert.Equal([1f, 0, 1], student.Standardized(observation.ToTensor(1, 3)).ToFloatArray());
    }

    static PolicyNetwork Policy(EnvironmentOptions environment) => (PolicyNetwork)ModuleFactory.Create(
        () => new StochasticPolicyOptions { Hidden = [4] }.Build(environment.Open().Info));
}
