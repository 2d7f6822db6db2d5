namespace Retort.Tensors;

/// <summary>
/// What inference of one example costs, counted on a recorded forward pass. It does not depend on the machine.
/// </summary>
public sealed record Cost
{
    /// <summary>Elements of all parameters.</summary>
    public required long Parameters { get; init; }

    /// <summary>Bytes of parameters and buffers: the size of a weights file without its header.</summary>
    public required long Bytes { get; init; }

    /// <summary>
    /// Multiply-adds of Gemm, Conv and MatMul. Biases, norms, pooling and activations are not counted, as is usual.
    /// </summary>
    public required long MultiplyAdds { get; init; }

    /// <summary>
    /// Peak bytes of live activations if the operators run one after another. A result lives from its operator to the
    /// last one that reads it; operands and result of an operator live side by side. The input counts while it is
    /// needed, the outputs to the end. Views cost nothing.
    /// </summary>
    public required long ActivationBytes { get; init; }

    /// <summary>Operators whose result shares the memory of their first operand.</summary>
    static readonly HashSet<string> Views =
        ["Flatten", "Reshape", "Transpose", "Squeeze", "Unsqueeze", "Expand", "Slice", "Identity"];

    /// <summary>Counts a network by one forward pass of one example, in eval mode and without gradient.</summary>
    /// <param name="network">The network. Its mode is restored afterwards.</param>
    /// <param name="inputs">Inputs of one example: the first axis of each is 1.</param>
    /// <param name="forward">Runs the network on these inputs and returns the wanted outputs.</param>
    public static Cost Of(Module network, IReadOnlyList<Tensor> inputs, Func<IEnumerable<Tensor>> forward)
    {
        foreach (var input in inputs)
            if (input.Dimensions == 0 || input.size(0) != 1)
                throw new ArgumentException(
                    $"A cost is counted for one example; the first axis of {Shape.Text(input.shape)} must be 1.",
                    nameof(inputs));

        var training = network.training;
        network.eval();
        try
        {
            using var noGrad = no_grad();
            using var scope = NewDisposeScope();
            var (recorder, outputs) = Recorder.Record(() => forward().ToList());
            return Of(recorder.Operations, network, inputs, outputs);
        }
        finally
        {
            network.train(training);
        }
    }

    /// <summary>Counts the recorded forward pass of one example.</summary>
    /// <exception cref="InvalidOperationException">An operand or output was made by an unrecorded operator.</exception>
    public static Cost Of(
        IReadOnlyList<Recorder.Operation> operations, Module network, IReadOnlyList<Tensor> inputs,
        IReadOnlyList<Tensor> outputs)
    {
        var parameters = network.named_parameters()
            .Select(pair => (Tensor)pair.parameter).Distinct(ByReference).ToList();
        var buffers = network.named_buffers().Select(pair => pair.buffer).Distinct(ByReference).ToList();
        return new()
        {
            Parameters = parameters.Sum(parameter => parameter.NumberOfElements),
            Bytes = parameters.Concat(buffers).Sum(SizeOf),
            MultiplyAdds = operations.Sum(CountMultiplyAdds),
            ActivationBytes = PeakBytes(operations, [.. parameters, .. buffers], inputs, outputs),
        };
    }

    /// <summary>Multiply-adds of one operator.</summary>
    public static long CountMultiplyAdds(Recorder.Operation operation)
    {
        var output = operation.Output.ElementCount;
        switch (operation.Name)
        {
            case "Gemm" or "MatMul":
                return output * operation.Inputs[0].Shape[^1];

            case "Conv":
                var kernels = operation.Inputs[1];                          // [O, I / groups, K, K]
                return output * (kernels.ElementCount / kernels.Shape[0]);

            default:
                return 0;
        }
    }

    static IEqualityComparer<Tensor> ByReference => ReferenceEqualityComparer.Instance;

    static long SizeOf(Tensor x) => x.NumberOfElements * x.ElementSize;

    static long PeakBytes(
        IReadOnlyList<Recorder.Operation> operations, List<Tensor> weights, IReadOnlyList<Tensor> inputs,
        IReadOnlyList<Tensor> outputs)
    {
        var memory = new Dictionary<Tensor, Buffer>(ByReference);           // views share the buffer of their operand
        foreach (var weight in weights) memory[weight] = new(0, 0);
        foreach (var input in inputs) memory[input] = new(0, SizeOf(input));

        for (var i = 0; i < operations.Count; i++)
        {
            var operation = operations[i];
            foreach (var operand in operation.Inputs)
            {
                if (!memory.TryGetValue(operand.Tensor, out var buffer))
                    memory[operand.Tensor] = buffer = NewConstant(operation, operand, i);
                buffer.LastUse = i;
            }
            memory[operation.Output.Tensor] = Views.Contains(operation.Name)
                ? memory[operation.Inputs[0].Tensor]
                : new(i, operation.Output.Bytes);
        }

        foreach (var output in outputs)
        {
            if (!memory.TryGetValue(output, out var buffer))
                throw new InvalidOperationException(
                    $"No recorded operator made the output {Shape.Text(output.shape)}: "
                    + "networks must use the methods of Operators only.");
            buffer.LastUse = operations.Count;
        }

        var buffers = memory.Values.Distinct().ToList();
        long LiveBytes(int step) =>
            buffers.Where(buffer => buffer.FirstUse <= step && step <= buffer.LastUse).Sum(buffer => buffer.Bytes);
        return Enumerable.Range(0, operations.Count).Select(LiveBytes).DefaultIfEmpty(0).Max();
    }

    /// <summary>
    /// The buffer of an operand that no recorded operator made. Masks and indices may be made outside; floating-point
    /// operands may not.
    /// </summary>
    static Buffer NewConstant(Recorder.Operation operation, Recorder.Operand operand, int step)
    {
        if (operand.Type is ScalarType.Float32 or ScalarType.Float64 or ScalarType.BFloat16 or ScalarType.Float16)
            throw new InvalidOperationException(
                $"{operation.Name} got {Shape.Text([.. operand.Shape])} that no recorded operator made: "
                + "networks must use the methods of Operators only (Add and Times, not + and *).");
        return new(step, operand.Bytes);
    }

    /// <summary>Memory that is in use from one operation to another.</summary>
    sealed class Buffer(int firstUse, long bytes)
    {
        public int FirstUse => firstUse;

        public long Bytes => bytes;

        public int LastUse { get; set; }
    }
}
