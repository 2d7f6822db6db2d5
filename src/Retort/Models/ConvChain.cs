using TorchSharp;

namespace Retort.Models;

/// <summary>
/// Convolutions, each with its norm, and ReLU between them; what follows the last norm is the caller's. Keys are the
/// places in a PyTorch Sequential that counts the ReLUs: 0 and 1, 3 and 4, 6 and 7. [B, I, H, W] → [B, O, H', W']
/// </summary>
sealed class ConvChain : torch.nn.Module<Tensor, Tensor>
{
    readonly (Conv2d Convolution, BatchNorm2d Norm)[] _links;

    public ConvChain(params ReadOnlySpan<(Conv2d Convolution, long Width)> links) : base(nameof(ConvChain))
    {
        _links = new (Conv2d, BatchNorm2d)[links.Length];
        for (var i = 0; i < links.Length; i++)
        {
            _links[i] = (links[i].Convolution, new(links[i].Width));
            register_module($"{3 * i}", _links[i].Convolution);
            register_module($"{3 * i + 1}", _links[i].Norm);
        }
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = torch.NewDisposeScope();                          // what autograd does not keep dies here
        for (var i = 0; i < _links.Length; i++)
        {
            x = _links[i].Norm.call(_links[i].Convolution.call(x));
            if (i < _links.Length - 1) x = x.ReluInPlace();
        }
        return x.MoveToOuterDisposeScope();
    }
}
