namespace Retort.Tensors;

/// <summary>Updates parameters from their gradients. Its state is named after the parameters it belongs to.</summary>
public abstract class Optimizer : IDisposable
{
    /// <summary>The tensors that a checkpoint must hold, by name. A checkpoint is loaded into them in place.</summary>
    public abstract IReadOnlyDictionary<string, Tensor> State { get; }

    /// <summary>Removes the gradients of all parameters.</summary>
    public abstract void ZeroGrad();

    /// <summary>Takes one step.</summary>
    /// <param name="learningRate">η.</param>
    /// <param name="maxNorm">
    /// If greater than 0, the gradient of all parameters together is first scaled down to this Euclidean norm.
    /// </param>
    public abstract void Step(double learningRate, double maxNorm = 0);

    public abstract void Dispose();
}
