using Parameter = TorchSharp.Modules.Parameter;

namespace Retort.Contracts;

/// <summary>
/// A network as a pure function f(x; θ) of its input and of one flat vector θ of all its parameters, so that a training
/// of it can be differentiated.
/// </summary>
public sealed class NetworkFunction
{
    readonly Network _network;
    readonly TensorSpec _input;
    readonly IReadOnlyList<Parameter> _parameters;
    readonly long[] _sizes;
    readonly FunctionalCall _call;

    /// <param name="network">The network; its own parameters stay as they are.</param>
    /// <param name="input">Its only input.</param>
    public NetworkFunction(Network network, TensorSpec input)
    {
        (_network, _input) = (network, input);
        _parameters = [.. network.parameters()];
        _sizes = [.. _parameters.Select(parameter => parameter.NumberOfElements)];
        _call = new(_parameters);
    }

    /// <summary>P: the length of θ.</summary>
    public long Count => _sizes.Sum();

    /// <summary>θ of the network as it is. [P]</summary>
    public Tensor CopyParameters()
    {
        using var scope = torch.NewDisposeScope();
        return torch.cat([.. _parameters.Select(parameter => parameter.detach().reshape(-1))], 0)
            .MoveToOuterDisposeScope();
    }

    /// <summary>Writes θ into the network. [P]</summary>
    public void SetParameters(Tensor theta)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        foreach (var (parameter, value) in _parameters.Zip(Pieces(theta.detach()))) parameter.copy_(value);
    }

    /// <summary>f(x; θ). [B, ..], [P] → [B, C]</summary>
    public Tensor Logits(Tensor x, Tensor theta) => _call.Run(
        Pieces(theta), () => _network.Forward(new((_input.Name, x)), Output.Logits).Logits);

    /// <summary>The same in training mode or not, which matters to dropout alone.</summary>
    public Tensor Logits(Tensor x, Tensor theta, bool training)
    {
        _network.train(training);
        return Logits(x, theta);
    }

    /// <summary>Refuses a network that is no function of its input and its parameters.</summary>
    /// <param name="network">The network.</param>
    /// <param name="input">Its input.</param>
    /// <param name="method">The method, the subject of the message.</param>
    /// <param name="allowsDropout">Whether dropout is allowed, whose random numbers the method repeats.</param>
    /// <exception cref="InvalidOperationException">The message gives the reason.</exception>
    public static void Check(Network network, TensorSpec input, string method, bool allowsDropout)
    {
        var refusal = $"The method \"{method}\" differentiates through the training of the network, ";
        if (network.named_buffers().FirstOrDefault() is { buffer: not null } state)
            throw new InvalidOperationException(
                $"{refusal}whose state must be its parameters alone; this one has \"{state.name}\", which each batch "
                + "changes (as batch normalization does): choose a network without it.");
        if (!allowsDropout && network.modules().Any(module => module is Tensors.Dropout or TorchSharp.Modules.Dropout))
            throw new InvalidOperationException(
                $"{refusal}which must be the same at every pass; this one has dropout: choose a network without it.");

        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var function = new NetworkFunction(network, input);
        function.Logits(input.Example(2), function.CopyParameters(), training: false);
        if (function._call.Unread is [var unread, ..]) throw new InvalidOperationException(
            $"{refusal}whose layers must be those of Retort.Tensors; its parameter "
            + $"\"{network.named_parameters().First(pair => ReferenceEquals(pair.parameter, unread)).name}\" is read "
            + "in another way, or does not change the logits: choose another network.");
    }

    IReadOnlyList<Tensor> Pieces(Tensor theta) =>
        [.. theta.split(_sizes).Zip(_parameters, (piece, parameter) => piece.reshape(parameter.shape))];
}
