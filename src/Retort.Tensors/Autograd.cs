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
    /// libtorch warns once of a reference cycle between tensor and gradient; it is broken here.
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

        var before = inputs.Select(input => input.is_leaf ? input.grad : null).ToArray();      // others hold none
        try
        {
            foreach (var input in inputs) input.grad = null;
            Backward(output, inputs, createGraph, retainGraph);
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

    static void Backward(Tensor output, IReadOnlyList<Tensor> inputs, bool createGraph, bool retainGraph)
    {
        try
        {
            output.backward(retain_graph: retainGraph || createGraph, create_graph: createGraph, inputs: [.. inputs]);
        }
        catch (ExternalException failure)
        {
            throw new InvalidOperationException($"Grad: {failure.Message.Split('\n')[0]}", failure);
        }
    }

    static string Describe(IReadOnlyList<Tensor> inputs, int index) =>
        $"tensor {index + 1} of {inputs.Count}, {Shape.Text(inputs[index].shape)}";
}
