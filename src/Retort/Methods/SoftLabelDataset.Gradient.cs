namespace Retort.Methods;

/// <remarks>
/// This file: the gradient of the loss after T steps of SGD, with respect to the samples and the step sizes.
/// </remarks>
public partial class SoftLabelDataset
{
    /// <summary>ℓ(x̃, ỹ; θ) of a step, and what is differentiated.</summary>
    /// <param name="Loss">The loss of step t. (x̃, ỹ, θ, t) → []</param>
    /// <param name="LearnsInputs">Whether x̃ gets a gradient.</param>
    /// <param name="LearnsLabels">Whether ỹ gets one.</param>
    internal sealed record InnerLoss(
        Func<Tensor, Tensor, Tensor, int, Tensor> Loss, bool LearnsInputs = true, bool LearnsLabels = true);

    /// <summary>Samples and step sizes, or their gradients.</summary>
    /// <param name="Inputs">x̃ [S, M, ..]</param>
    /// <param name="Labels">ỹ [S, M, C]</param>
    /// <param name="Rates">η [T]; step t takes batch t mod S</param>
    internal sealed record Variables(Tensor Inputs, Tensor Labels, Tensor Rates);

    /// <summary>The outer loss and its gradients.</summary>
    /// <param name="Loss">L</param>
    /// <param name="Of">With respect to samples and step sizes; zeros for what is not learned.</param>
    /// <param name="Start">With respect to θ₀ [P]; null where it was not wanted.</param>
    internal sealed record MetaGradient(double Loss, Variables Of, Tensor? Start);

    /// <summary>
    /// Back from the last step, each computed again from θₜ, so that the memory is that of T vectors and the graph of
    /// one step. With vₜ = ∂L/∂θₜ and gₜ = ∇ℓₜ: ∂L/∂ηₜ = −⟨vₜ₊₁, gₜ⟩, ∂L/∂x̃ = −ηₜ ∂⟨gₜ, vₜ₊₁⟩/∂x̃, likewise ỹ, and
    /// vₜ = vₜ₊₁ − ηₜ Hₜ vₜ₊₁.
    /// </summary>
    internal static MetaGradient Reverse(
        InnerLoss inner, Variables at, Tensor theta0, Func<Tensor, Tensor> outer, bool wantsStart = false)
    {
        using var scope = torch.NewDisposeScope();
        var (batches, steps) = ((int)at.Inputs.size(0), (int)at.Rates.size(0));
        var thetas = new List<Tensor> { theta0.detach() };                                      // each [P]
        for (var t = 0; t < steps; t++)
        {
            using var step = torch.NewDisposeScope();
            var theta = Leaf(thetas[t]);
            var g = Autograd.Grad(Loss(t, At(t), theta), [theta])[0];
            thetas.Add(thetas[t].Subtract(g.Times(at.Rates.detach()[t])).MoveToOuterDisposeScope());
        }

        var last = Leaf(thetas[^1]);
        var final = outer(last);
        var v = Autograd.Grad(final, [last])[0];                                                // [P]
        var sum = new Variables(
            torch.zeros_like(at.Inputs), torch.zeros_like(at.Labels), torch.zeros_like(at.Rates));
        for (var t = steps - 1; t >= 0; t--)
        {
            using var step = torch.NewDisposeScope();
            var (theta, batch, eta) = (Leaf(thetas[t]), At(t), at.Rates.detach()[t]);
            var g = Autograd.Grad(Loss(t, batch, theta), [theta], createGraph: true)[0];
            var along = g.Times(v).sum();                                                       // ⟨gₜ, v⟩
            sum.Rates[t].AddInPlace(along.detach().Times(-1));
            var wantsTheta = t > 0 || wantsStart;
            List<Tensor> wanted = [];
            if (wantsTheta) wanted.Add(theta);
            if (inner.LearnsInputs) wanted.Add(batch.Inputs);
            if (inner.LearnsLabels) wanted.Add(batch.Labels);
            if (wanted.Count == 0) continue;

            var found = new Queue<Tensor>(Autograd.Grad(along, wanted));
            if (wantsTheta)
            {
                using var before = v;
                v = before.Subtract(found.Dequeue().Times(eta)).MoveToOuterDisposeScope();
            }
            if (inner.LearnsInputs) sum.Inputs[t % batches].AddInPlace(found.Dequeue().Times(eta).Times(-1));
            if (inner.LearnsLabels) sum.Labels[t % batches].AddInPlace(found.Dequeue().Times(eta).Times(-1));
        }
        return Kept(final, sum, wantsStart ? v : null);

        (Tensor Inputs, Tensor Labels) At(int t) => (Leaf(at.Inputs[t % batches]), Leaf(at.Labels[t % batches]));

        Tensor Loss(int t, (Tensor Inputs, Tensor Labels) batch, Tensor theta) =>
            inner.Loss(batch.Inputs, batch.Labels, theta, t);
    }

    /// <summary>The same through the graph of all steps.</summary>
    internal static MetaGradient Unrolled(
        InnerLoss inner, Variables at, Tensor theta0, Func<Tensor, Tensor> outer, bool wantsStart = false)
    {
        using var scope = torch.NewDisposeScope();
        var (x, y, eta, start) = (Leaf(at.Inputs), Leaf(at.Labels), Leaf(at.Rates), Leaf(theta0));
        var (batches, steps) = ((int)x.size(0), (int)eta.size(0));
        var theta = start;
        for (var t = 0; t < steps; t++)
        {
            var loss = inner.Loss(x[t % batches], y[t % batches], theta, t);
            var g = Autograd.Grad(loss, [theta], createGraph: true)[0];
            theta = theta.Subtract(g.Times(eta[t]));
        }
        var final = outer(theta);
        List<Tensor> wanted = [eta];
        if (wantsStart) wanted.Add(start);
        if (inner.LearnsInputs) wanted.Add(x);
        if (inner.LearnsLabels) wanted.Add(y);
        var found = new Queue<Tensor>(Autograd.Grad(final, wanted));
        var (ofEta, ofStart) = (found.Dequeue(), wantsStart ? found.Dequeue() : null);
        var ofX = inner.LearnsInputs ? found.Dequeue() : torch.zeros_like(x);
        var ofY = inner.LearnsLabels ? found.Dequeue() : torch.zeros_like(y);
        return Kept(final, new(ofX.detach(), ofY.detach(), ofEta.detach()), ofStart?.detach());
    }

    static Tensor Leaf(Tensor value) => value.detach().requires_grad_(true);

    static MetaGradient Kept(Tensor loss, Variables of, Tensor? start)
    {
        foreach (var tensor in (Tensor[])[of.Inputs, of.Labels, of.Rates]) tensor.MoveToOuterDisposeScope();
        start?.MoveToOuterDisposeScope();
        return new(loss.ToDouble(), of, start);
    }
}
