namespace Retort.Models;

/// <summary>
/// Convolutions, each with its norm, and ReLU between them; the caller applies what follows the last norm. Parameter
/// names are the positions in a PyTorch Sequential that counts the ReLUs: 0 and 1, 3 and 4, 6 and 7.
/// [B, I, H, W] → [B, O, H', W']
/// </summary>
sealed class ConvChain : torch.nn.Module<Tensor, Tensor>
{
    readonly (Conv2d Convolution, BatchNorm2d Norm)[] _layers;

    public ConvChain(params ReadOnlySpan<(Conv2d Convolution, long Width)> layers) : base(nameof(ConvChain))
    {
        _layers = new (Conv2d, BatchNorm2d)[layers.Length];
        for (var i = 0; i < layers.Length; i++)
        {
            _layers[i] = (layers[i].Convolution, new(layers[i].Width));
            register_module($"{3 * i}", _layers[i].Convolution);
            register_module($"{3 * i + 1}", _layers[i].Norm);
        }
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = torch.NewDisposeScope();                          // disposes what autograd does not keep
        for (var i = 0; i < _layers.Length; i++)
        {
            x = _layers[i].Norm.call(_layers[i].Convolution.call(x));
            if (i < _layers.Length - 1) x = x.ReluInPlace();
        }
        return x.MoveToOuterDisposeScope();
    }
}
