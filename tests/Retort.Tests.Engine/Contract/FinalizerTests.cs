namespace Retort.Tests.Contract;

/// <summary>One loss while finalizers run, a few times; <c>./test slow</c> has every loss and the optimizers.</summary>
public sealed class FinalizerTests
{
    [Fact]
    public void A_loss_has_one_value_whenever_finalizers_run()
    {
        using var scope = torch.NewDisposeScope();
        using var method = Few.Options("kd").Build(Few.MethodContext);
        var (batch, teacher, student) = (Few.Batch(), Few.Outputs(5, gradient: false), Few.Outputs(3, gradient: false));
        Assert.Single(Finalizers.Values(100, () => method.Compute(batch, teacher, student).Total));
    }
}
