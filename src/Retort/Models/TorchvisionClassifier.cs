namespace Retort.Models;

/// <summary>
/// The classifier of torchvision's MobileNets: a hidden linear layer or none, dropout, and a linear layer. Parameter
/// names are the positions in a PyTorch Sequential. [B, D] → [B, C]
/// </summary>
sealed class TorchvisionClassifier : torch.nn.Module<Tensor, Tensor>
{
    readonly (Linear? Hidden, Linear? Output) _layers;                      // a field of a module's type names it
    readonly double _dropout;

    /// <param name="hidden">The hidden layer, with hard swish after it; null for none.</param>
    /// <param name="output">The last layer; null where the data has no classes.</param>
    /// <param name="dropout">The probability of dropout before the last layer.</param>
    public TorchvisionClassifier(Linear? hidden, Linear? output, double dropout) : base(nameof(TorchvisionClassifier))
    {
        _layers = (hidden, output);
        _dropout = dropout;
        if (hidden is not null) register_module("0", hidden);
        if (output is not null) register_module(hidden is null ? "1" : "3", output);
    }

    /// <summary>This, or null where the data has no classes.</summary>
    public TorchvisionClassifier? OrNone => _layers.Output is null ? null : this;

    /// <summary>The vector before dropout and the last layer. [B, D] → [B, D']</summary>
    public Tensor Embed(Tensor pooled) => _layers.Hidden is null ? pooled : _layers.Hidden.call(pooled).HardSwish();

    public override Tensor forward(Tensor embedding) => _layers.Output!.call(embedding.DropoutIf(training, _dropout));
}
