namespace Retort.Contracts;

/// <summary>
/// Linear, ReLU, linear, without normalization: the projection on which SimCLR and its followers compute their loss,
/// which is dropped after training (arXiv:2002.05709, §2.1). [B, from] → [B, to]
/// </summary>
sealed class ProjectionHead : torch.nn.Module<Tensor, Tensor>
{
    readonly Linear hidden;
    readonly Linear output;

    /// <param name="from">The width of the input, and of the hidden layer.</param>
    /// <param name="to">The width of the output.</param>
    public ProjectionHead(long from, long to) : base(nameof(ProjectionHead))
    {
        hidden = new(from, from);
        output = new(from, to);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => output.call(hidden.call(x).Relu());
}
