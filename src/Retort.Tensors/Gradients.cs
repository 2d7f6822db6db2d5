using static TorchSharp.torch;

namespace Retort.Tensors;

/// <summary>Derivatives by request; libtorch's own <c>autograd.grad</c> ends the process on wrong use.</summary>
public static class Autograd
{
    /// <summary>
    /// The gradient of a single number with respect to each of these tensors; what they hold in <c>grad</c> stays as it was.
    /// </summary>
    /// <param name="of">[], the end of a graph.</param>
    /// <param name="withRespectTo">Tensors that take part in it, leaves or not.</param>
    /// <param name="differentiable">Whether the gradient will be derived again; the graph is kept then.</param>
    /// <param name="keepGraph">Whether another gradient of the same graph follows.</param>
    /// <exception cref="InvalidOperationException">One of them takes no part, nothing needs a gradient, or the graph was freed by an earlier pass.</exception>
    /// <remarks>
    /// Runs <c>backward</c> on these inputs only, whose failures are exceptions. With <paramref name="differentiable"/>
    /// libtorch warns once of a cycle between tensor and gradient; it is cut here.
    /// </remarks>
    public static IReadOnlyList<Tensor> Grad(Tensor of, IReadOnlyList<Tensor> withRespectTo, bool differentiable = false, bool keepGraph = false)
    {
        if (of.NumberOfElements != 1) throw new InvalidOperationException($"Gradient: of a single number only; {Shape.Text(of.shape)} came.");
        if (!of.requires_grad) throw new InvalidOperationException("Gradient: the number depends on nothing that needs a gradient.");
        for (var i = 0; i < withRespectTo.Count; i++)
            if (!withRespectTo[i].requires_grad)
                throw new InvalidOperationException($"Gradient: tensor {i + 1} of {withRespectTo.Count}, {Shape.Text(withRespectTo[i].shape)}, does not need a gradient.");

        var before = withRespectTo.Select(one => one.is_leaf ? one.grad : null).ToArray();      // others hold none
        try
        {
            foreach (var one in withRespectTo) one.grad = null;
            try
            {
                of.backward(retain_graph: keepGraph || differentiable, create_graph: differentiable, inputs: [.. withRespectTo]);
            }
            catch (System.Runtime.InteropServices.ExternalException failure)
            {
                throw new InvalidOperationException($"Gradient: {failure.Message.Split('\n')[0]}", failure);
            }
            return [.. withRespectTo.Select((one, i) => one.grad ?? throw new InvalidOperationException(
                $"Gradient: tensor {i + 1} of {withRespectTo.Count}, {Shape.Text(one.shape)}, takes no part in the number."))];
        }
        finally
        {
            for (var i = 0; i < before.Length; i++)
            {
                withRespectTo[i].grad = before[i];
                before[i]?.Dispose();
            }
        }
    }
}
