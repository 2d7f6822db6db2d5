namespace Retort.Contracts.Learners;

/// <summary>
/// Q(s, a): the action enters after the first hidden layer; layer normalization before each ReLU. [B, D], [B, A] → [B]
/// </summary>
sealed class Critic : torch.nn.Module<Tensor, Tensor, Tensor>
{
    const double FirstOutput = 3e-3;

    readonly TorchSharp.Modules.ModuleList<Linear> layers;
    readonly TorchSharp.Modules.ModuleList<LayerNorm> norms;
    readonly Linear output;

    public Critic(long observation, long action, IReadOnlyList<int> hidden) : base(nameof(Critic))
    {
        layers = new([.. hidden.Select((width, i) => new Linear(i switch
        {
            0 => observation,
            1 => hidden[0] + action,
            _ => hidden[i - 1],
        }, width))]);
        norms = new([.. hidden.Select(width => new LayerNorm(width))]);
        output = new(hidden[^1], 1);
        using (torch.no_grad())
            foreach (var (_, parameter) in output.named_parameters()) parameter.uniform_(-FirstOutput, FirstOutput);
        RegisterComponents();
    }

    public override Tensor forward(Tensor standardized, Tensor action)
    {
        var x = standardized;
        for (var i = 0; i < layers.Count; i++)
        {
            if (i == 1) x = x.Concat(1, action);
            x = norms[i].call(layers[i].call(x)).Relu();                    // [B, Hi]
        }
        return output.call(x).squeeze(1);                                   // [B]
    }

    /// <summary>Half the sum of the hidden layers' squared weights, without biases. []</summary>
    public Tensor HalfSquares() => layers.Select(layer => layer.named_parameters())
        .SelectMany(named => named.Where(one => one.name == "weight"))
        .Select(one => one.parameter.Squared().sum())
        .Aggregate((sum, one) => sum.Add(one)).Times(0.5);
}
