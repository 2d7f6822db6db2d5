using System.Runtime.InteropServices;

namespace Retort.Tensors;

/// <summary>Gradients on request. libtorch's own <c>autograd.grad</c> ends the process on wrong use.</summary>
public static class Autograd
{
    /// <summary>
    /// The gradient of a single number with respect to each of the inputs. What the inputs hold in <c>grad</c> stays as
    /// it was.
    /// </summary>
    /// <param name="output">[], the end of a graph.</param>
    /// <param name="inputs">Tensors of that graph, leaves or not.</param>
    /// <param name="createGraph">Whether the gradient can be differentiated again; this keeps the graph.</param>
    /// <param name="retainGraph">Whether to keep the graph for another gradient.</param>
    /// <exception cref="InvalidOperationException">
    /// An input is not part of the graph or needs no gradient, or an earlier pass freed the graph.
    /// </exception>
    /// <remarks>
    /// Calls <c>backward</c> on these inputs only: its failures are exceptions. With <paramref name="createGraph"/>
    /// that would make reference cycles, of which libtorch warns on the console, so that libtorch's own function is
    /// called: where an earlier pass freed the graph, it ends the process.
    /// </remarks>
    public static IReadOnlyList<Tensor> Grad(
        Tensor output, IReadOnlyList<Tensor> inputs, bool createGraph = false, bool retainGraph = false)
    {
        if (output.NumberOfElements != 1)
            throw new InvalidOperationException($"Grad: of a single number only; {Shape.Text(output.shape)} came.");
        if (!output.requires_grad)
            throw new InvalidOperationException("Grad: the number depends on nothing that needs a gradient.");
        for (var i = 0; i < inputs.Count; i++)
            if (!inputs[i].requires_grad)
                throw new InvalidOperationException($"Grad: {Describe(inputs, i)}, does not need a gradient.");

        if (createGraph) return Differentiable(output, inputs);

        var before = inputs.Select(input => input.is_leaf ? input.grad : null).ToArray();      // others hold none
        try
        {
            foreach (var input in inputs) input.grad = null;
            Backward(output, inputs, retainGraph);
            return [.. inputs.Select((input, i) => input.grad ?? throw new InvalidOperationException(
                $"Grad: {Describe(inputs, i)}, is not part of the number's graph."))];
        }
        finally
        {
            for (var i = 0; i < before.Length; i++)
            {
                inputs[i].grad = before[i];
                before[i]?.Dispose();
            }
        }
    }

    static IReadOnlyList<Tensor> Differentiable(Tensor output, IReadOnlyList<Tensor> inputs)
    {
#pragma warning disable RS0030 // banned because wrong use ends the process; checked by the caller
        var gradients = autograd.grad(
            [output], [.. inputs], retain_graph: true, create_graph: true, allow_unused: true);
#pragma warning restore RS0030
        for (var i = 0; i < inputs.Count; i++)
            if (gradients[i].IsInvalid) throw new InvalidOperationException(
                $"Grad: {Describe(inputs, i)}, is not part of the number's graph.");
        return [.. gradients];
    }

    static void Backward(Tensor output, IReadOnlyList<Tensor> inputs, bool retainGraph)
    {
        try
        {
            output.backward(retain_graph: retainGraph, inputs: [.. inputs]);
        }
        catch (ExternalException failure)
        {
            throw new InvalidOperationException($"Grad: {failure.Message.Split('\n')[0]}", failure);
        }
    }

    static string Describe(IReadOnlyList<Tensor> inputs, int index) =>
        $"tensor {index + 1} of {inputs.Count}, {Shape.Text(inputs[index].shape)}";
}
