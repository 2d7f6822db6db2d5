namespace Retort.Contracts.Learners;

/// <summary>V(s): an MLP with tanh and orthogonal initial weights. [B, D] → [B]</summary>
sealed class ValueNetwork : torch.nn.Module<Tensor, Tensor>
{
    readonly TorchSharp.Modules.ModuleList<Linear> layers;
    readonly Linear output;

    public ValueNetwork(long observation, IReadOnlyList<int> hidden) : base(nameof(ValueNetwork))
    {
        layers = new([.. hidden.Select((width, i) => new Linear(i == 0 ? observation : hidden[i - 1], width))]);
        output = new(hidden[^1], 1);
        foreach (var layer in layers) layer.Orthogonal(Math.Sqrt(2));
        output.Orthogonal(1);
        RegisterComponents();
    }

    public override Tensor forward(Tensor standardized)
    {
        var x = standardized;
        foreach (var layer in layers) x = layer.call(x).Tanh();             // [B, Hi]
        return output.call(x).squeeze(1);                                   // [B]
    }
}
