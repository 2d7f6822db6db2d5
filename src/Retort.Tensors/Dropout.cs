namespace Retort.Tensors;

/// <summary>Sets elements to zero at random in training and scales the others up; the identity otherwise.</summary>
public sealed class Dropout : nn.Module<Tensor, Tensor>
{
    readonly double _probability;

    /// <param name="probability">The probability to drop an element, in [0, 1).</param>
    public Dropout(double probability = 0.5) : base(nameof(Dropout))
    {
        if (!(probability >= 0 && probability < 1))
            throw new ArgumentOutOfRangeException(
                nameof(probability), probability, "Dropout: the probability must lie in [0, 1).");

        _probability = probability;
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => x.Dropout(_probability, training);
}
