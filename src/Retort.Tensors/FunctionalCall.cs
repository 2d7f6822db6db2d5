using TorchSharp.Modules;

namespace Retort.Tensors;

/// <summary>
/// Runs a network with other tensors in place of its parameters, so that it is a function of them and can be
/// differentiated through its own training: PyTorch's <c>torch.func.functional_call</c>.
/// </summary>
/// <remarks>The layers of Retort.Tensors take part in it. It holds for the calling thread.</remarks>
public sealed class FunctionalCall
{
    [ThreadStatic]
    static FunctionalCall? t_current;

    readonly Dictionary<Parameter, int> _positions = new(ReferenceEqualityComparer.Instance);
    readonly IReadOnlyList<Parameter> _parameters;
    readonly bool[] _read;
    IReadOnlyList<Tensor> _values = [];

    /// <param name="parameters">The parameters that are replaced.</param>
    public FunctionalCall(IReadOnlyList<Parameter> parameters)
    {
        _parameters = parameters;
        _read = new bool[parameters.Count];
        for (var i = 0; i < parameters.Count; i++) _positions[parameters[i]] = i;
    }

    /// <summary>
    /// The parameters that no layer has asked for since this object was made: a layer that is not Retort's used its own
    /// ones, or none used them.
    /// </summary>
    public IReadOnlyList<Parameter> Unread => [.. _parameters.Where((_, i) => !_read[i])];

    /// <summary>Runs a forward pass.</summary>
    /// <param name="values">One tensor for each parameter, of its shape.</param>
    /// <param name="forward">The pass.</param>
    public T Run<T>(IReadOnlyList<Tensor> values, Func<T> forward)
    {
        if (values.Count != _parameters.Count) throw new ArgumentException(
            $"FunctionalCall: {_parameters.Count} tensors were expected, one for each parameter; {values.Count} came.",
            nameof(values));

        var outer = t_current;
        _values = values;
        t_current = this;
        try
        {
            return forward();
        }
        finally
        {
            t_current = outer;
            _values = [];
        }
    }

    /// <summary>
    /// What a layer computes with: the parameter, or the tensor in its place. A layer that reads its parameters in this
    /// way takes part.
    /// </summary>
    public static Tensor Of(Parameter parameter)
    {
        var call = t_current;
        if (call is null || !call._positions.TryGetValue(parameter, out var position)) return parameter;

        call._read[position] = true;
        return call._values[position];
    }
}

/// <summary>The value of a parameter in a forward pass.</summary>
public static class ParameterValue
{
    extension(Parameter parameter)
    {
        /// <summary>The parameter, or the tensor that stands for it in a <see cref="FunctionalCall"/>.</summary>
        public Tensor Value => FunctionalCall.Of(parameter);
    }
}
