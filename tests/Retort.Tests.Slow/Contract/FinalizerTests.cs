using Retort.Recipes;
using static Retort.Tests.Contract.Finalizers;

namespace Retort.Tests.Contract;

/// <summary>
/// A number that C# turns into a TorchSharp Scalar on the way may be freed by its finalizer in the middle of the call
/// that reads it: after some hundred thousand steps a training ends with "Unknown scalar type", or goes on with another
/// number.
/// </summary>
public sealed class FinalizerTests
{
    public static TheoryData<string> Losses => [.. Few.Shipped(Registry.Methods, typeof(LossOptions))];

    [Theory, MemberData(nameof(Losses))]
    public void A_loss_has_one_value_whenever_finalizers_run(string name)
    {
        using var scope = torch.NewDisposeScope();
        using var method = Few.Options(name).Build(Few.ContextOf(name));
        var plain = Few.BatchOf(name);
        var teacher = Few.OutputsOf(name, 5, gradient: false);
        var student = Few.OutputsOf(name, 3, gradient: false);
        var mixed = new Batch
        {
            Inputs = plain.Inputs, Labels = plain.Labels, Labelled = 8, Ids = plain.Ids,
            OtherLabels = plain.Labels.flip(0), OtherLabelled = 8, LabelShare = 0.7,
        };
        Assert.Single(Values(3000, () => method.Compute(mixed, teacher, student).Total));
    }

    [Theory, InlineData(true), InlineData(false)]
    public void An_optimizer_makes_one_step_whenever_finalizers_run(bool adam)
    {
        using var scope = torch.NewDisposeScope();
        var w = new TorchSharp.Modules.Parameter(torch.ones(3));
        var (start, gradient) = (torch.tensor([1f, 2, 3]), torch.tensor([0.5f, -1, 2]));
        Assert.Single(Values(1000, () =>
        {
            using Optimizer optimizer = adam
                ? new Adam([("w", w)], new(WeightDecay: 0.1), implementation: OptimizerImplementation.Plain)
                : new Sgd(
                    [("w", w)], momentum: 0.9, nesterov: true, weightDecay: 0.1,
                    implementation: OptimizerImplementation.Plain);
            using (torch.no_grad()) w.copy_(start);
            w.grad = gradient.clone();
            optimizer.Step(0.1);
            return w.detach().sum();
        }));
    }
}
