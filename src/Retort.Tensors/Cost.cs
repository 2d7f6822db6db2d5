using static TorchSharp.torch;

namespace Retort.Tensors;

/// <summary>
/// What one example costs a network in inference, counted on a recorded forward: no machine and no clock is in it.
/// </summary>
public sealed record Cost
{
    /// <summary>Trainable numbers.</summary>
    public required long Parameters { get; init; }

    /// <summary>Bytes of parameters and buffers: what a file of its weights holds.</summary>
    public required long Bytes { get; init; }

    /// <summary>Products that are summed, in Gemm, Conv and MatMul; biases, norms, pooling and activations are not counted, as is usual.</summary>
    public required long MultiplyAdds { get; init; }

    /// <summary>
    /// The peak of live bytes of intermediate results, run word by word: a result lives from its word to the last that
    /// reads it, operands and result of a word side by side; the input counts while it is needed, the outputs to the end.
    /// Views cost nothing.
    /// </summary>
    public required long ActivationBytes { get; init; }

    /// <summary>Words whose result shares its first operand's memory.</summary>
    static readonly HashSet<string> Views = ["Flatten", "Reshape", "Transpose", "Squeeze", "Unsqueeze", "Expand", "Slice", "Identity"];

    /// <summary>Counts a network by one forward of one example, in eval mode and without gradient.</summary>
    /// <param name="network">Whose parameters and buffers are counted; its mode is given back as it was.</param>
    /// <param name="inputs">What the forward reads, one example: the first axis of each is 1.</param>
    /// <param name="forward">Runs the network on these inputs and returns what is wanted of it.</param>
    public static Cost Of(Module network, IReadOnlyList<Tensor> inputs, Func<IEnumerable<Tensor>> forward)
    {
        if (inputs.FirstOrDefault(input => input.Dimensions == 0 || input.size(0) != 1) is { } several)
            throw new ArgumentException($"A cost is counted for one example; the first axis of {Shape.Text(several.shape)} must be 1.", nameof(inputs));
        var training = network.training;
        network.eval();
        try
        {
            using var frozen = no_grad();
            using var scope = NewDisposeScope();
            var (recorder, outputs) = Recorder.Record(() => forward().ToList());
            return Of(recorder.Operations, network, inputs, outputs);
        }
        finally { network.train(training); }
    }

    /// <summary>Counts what was recorded of one example.</summary>
    /// <exception cref="InvalidOperationException">A word was handed numbers that no word made.</exception>
    public static Cost Of(IReadOnlyList<Recorder.Operation> words, Module network, IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor> outputs)
    {
        var parameters = network.named_parameters().Select(one => (Tensor)one.parameter).Distinct(ByReference).ToList();
        var buffers = network.named_buffers().Select(one => one.buffer).Distinct(ByReference).ToList();
        return new()
        {
            Parameters = parameters.Sum(one => one.NumberOfElements),
            Bytes = parameters.Concat(buffers).Sum(Size),
            MultiplyAdds = words.Sum(CountMultiplyAdds),
            ActivationBytes = Peak(words, [.. parameters, .. buffers], inputs, outputs),
        };
    }

    static IEqualityComparer<Tensor> ByReference => ReferenceEqualityComparer.Instance;

    static long Size(Tensor x) => x.NumberOfElements * x.ElementSize;

    /// <summary>Products that one word sums.</summary>
    public static long CountMultiplyAdds(Recorder.Operation word) => word.Name switch
    {
        "Gemm" or "MatMul" => word.Output.ElementCount * word.Inputs[0].Shape[^1],
        "Conv" => word.Output.ElementCount * (word.Inputs[1].ElementCount / word.Inputs[1].Shape[0]),     // I / groups · K · K for each result
        _ => 0,
    };

    static long Peak(IReadOnlyList<Recorder.Operation> words, List<Tensor> weights, IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor> outputs)
    {
        var places = new Dictionary<Tensor, Place>(ByReference);                           // every tensor → the memory it lies in
        foreach (var weight in weights) places[weight] = new(0, 0);
        foreach (var input in inputs) places[input] = new(0, Size(input));
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i];
            foreach (var operand in word.Inputs)
            {
                if (!places.TryGetValue(operand.Tensor, out var place)) places[operand.Tensor] = place = Constant(word, operand, i);
                place.Last = i;
            }
            places[word.Output.Tensor] = Views.Contains(word.Name) ? places[word.Inputs[0].Tensor] : new(i, word.Output.Bytes);
        }
        foreach (var output in outputs)
            if (places.TryGetValue(output, out var place)) place.Last = words.Count;
            else throw new InvalidOperationException($"No word made the output {Shape.Text(output.shape)}: networks are written in words only.");

        var all = places.Values.Distinct().ToList();
        return Enumerable.Range(0, words.Count).Select(i => all.Where(one => one.First <= i && i <= one.Last).Sum(one => one.Bytes)).DefaultIfEmpty(0).Max();
    }

    /// <summary>Masks and row numbers are made beside the words; anything else was made by an operator that nobody saw.</summary>
    static Place Constant(Recorder.Operation word, Recorder.Operand operand, int at) =>
        operand.Type is not (ScalarType.Float32 or ScalarType.Float64 or ScalarType.BFloat16 or ScalarType.Float16)
            ? new(at, operand.Bytes)
            : throw new InvalidOperationException(
                $"{word.Name} was handed {Shape.Text([.. operand.Shape])} that no word made: networks are written in words only (Add and Times, not + and *).");

    /// <summary>A piece of memory, from the word that fills it to the last that reads it.</summary>
    sealed class Place(int first, long bytes)
    {
        public int First => first;
        public long Bytes => bytes;
        public int Last { get; set; }
    }
}
