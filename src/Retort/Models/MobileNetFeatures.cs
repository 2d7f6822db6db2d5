namespace Retort.Models;

/// <summary>
/// The convolutions of torchvision's MobileNets. Parameter names are the positions in a PyTorch Sequential.
/// [B, C, H, W] → [B, O, H/32, W/32]
/// </summary>
sealed class MobileNetFeatures : torch.nn.Module<Tensor, Tensor>
{
    // the first stages, each of which begins with a stride of 2, then the last layer
    readonly List<List<torch.nn.Module<Tensor, Tensor>>> _stages = [];

    /// <param name="layers">
    /// Each layer with its stride; the first has stride 2, the last is a 1 x 1 convolution.
    /// </param>
    public MobileNetFeatures(IReadOnlyList<(torch.nn.Module<Tensor, Tensor> Layer, int Stride)> layers)
        : base(nameof(MobileNetFeatures))
    {
        foreach (var (position, (layer, stride)) in layers.Index())
        {
            register_module(Invariant($"{position}"), layer);
            if (stride == 2 || position == layers.Count - 1) _stages.Add([]);
            _stages[^1].Add(layer);
        }
    }

    /// <summary>The last 1 x 1 convolution.</summary>
    public torch.nn.Module<Tensor, Tensor> Last => _stages[^1][0];

    /// <summary>The last map of each size, before the last 1 x 1 convolution.</summary>
    public IReadOnlyList<Tensor> Maps(Tensor x)
    {
        var maps = new List<Tensor>();
        foreach (var stage in _stages.SkipLast(1)) maps.Add(x = stage.Run(x));
        return maps;
    }

    public override Tensor forward(Tensor x) => Last.call(Maps(x)[^1]);
}
