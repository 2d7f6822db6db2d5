using static TorchSharp.torch;

namespace Retort.Export;

/// <summary>A network's forward pass as recorded once.</summary>
/// <param name="Inputs">What it was fed.</param>
/// <param name="Operations">Its operators, in order.</param>
/// <param name="Outputs">Its outputs by their names in the graph: <c>logits</c>, <c>hidden_states.0</c>.</param>
sealed record ForwardRecording(
    Inputs Inputs, IReadOnlyList<Recorder.Operation> Operations, IReadOnlyList<(string Name, Tensor Value)> Outputs)
{
    /// <summary>Records a forward pass on zeros.</summary>
    /// <param name="network">The network, in eval mode.</param>
    /// <param name="specs">Its inputs.</param>
    /// <param name="outputs">The outputs to compute.</param>
    /// <param name="axes">The names of the free axes, the batch first.</param>
    /// <param name="sizes">Their sizes.</param>
    public static ForwardRecording Of(Network network, IReadOnlyList<TensorSpec> specs, OutputSet outputs,
        IReadOnlyList<string> axes, IReadOnlyList<long> sizes)
    {
        var inputs = new Inputs([.. specs.Select(spec => (spec.Name, Zeros(spec)))]);
        var (recorder, results) = Recorder.Record(() => network.Forward(inputs, outputs));
        var named = outputs.Keys.SelectMany(
            key => results.Layers(key).Select((value, layer) => (key.LayerName(layer), value)));
        return new(inputs, recorder.Operations, [.. named]);

        Tensor Zeros(TensorSpec spec)
        {
            long[] shape = [sizes[0], .. spec.Axes.Select(axis => axis.Size ?? sizes[IndexOf(axis.Name)])];
            return zeros(shape, dtype: spec.TorchType);
        }

        int IndexOf(string name) => Enumerable.Range(0, axes.Count).First(i => i > 0 && axes[i] == name);
    }
}
