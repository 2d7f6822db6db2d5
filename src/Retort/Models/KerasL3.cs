using System.Globalization;

namespace Retort.Models;

/// <summary>
/// The names and layouts of weights that Keras saved of an L3 network, as OpenL3 and SEA publish them.
/// </summary>
/// <remarks>
/// Keras numbers layers of a kind in the order in which they were made: <c>conv2d_1</c>, <c>batch_normalization_1</c>;
/// that of TensorFlow 2 begins with <c>conv2d</c>, without a number.
/// Kernels are [height, width, inputs, outputs].
/// </remarks>
static class KerasL3
{
    const string Kernel = "kernel:0";
    const string Gamma = "gamma:0";
    const string OfOptimizer = "optimizer_weights/";

    static readonly Dictionary<string, string> s_norm = new()
    {
        [Gamma] = "weight", ["beta:0"] = "bias", ["moving_mean:0"] = "running_mean",
        ["moving_variance:0"] = "running_var",
    };

    /// <summary>Whether tensors have the names of a Keras file.</summary>
    public static bool IsIn(IReadOnlyDictionary<string, Tensor> tensors) =>
        tensors.Keys.Any(name => name.EndsWith("/" + Gamma, StringComparison.Ordinal));

    /// <summary>
    /// The tensors by our names, kernels in PyTorch's layout; the mel filters of the front end are left out.
    /// </summary>
    /// <exception cref="InvalidDataException">It has other layers than an L3 network of so many blocks.</exception>
    public static IReadOnlyDictionary<string, Tensor> Rename(
        IReadOnlyDictionary<string, Tensor> tensors, int blocks, string source)
    {
        var layers = tensors.Where(pair => !pair.Key.StartsWith(OfOptimizer, StringComparison.Ordinal))
            .Select(pair => (Steps: pair.Key.Split('/'), pair.Value)).Where(pair => pair.Steps.Length > 1)
            .GroupBy(pair => pair.Steps[^2], pair => (Name: pair.Steps[^1], pair.Value))
            .OrderBy(layer => NumberOf(layer.Key)).ToList();
        var convolutions = layers.FindAll(layer => layer.Any(one => one.Name == Kernel && one.Value.dim() == 4));
        var norms = layers.FindAll(layer => layer.Any(one => one.Name == Gamma));
        if (convolutions.Count != 2 * blocks || norms.Count - convolutions.Count is not (0 or 1))
            throw new InvalidDataException(Invariant(
                $"{source} must have {2 * blocks} convolutions and as many norms, or one more, as an L3 network of ")
                + Invariant($"{blocks} blocks; it has {convolutions.Count} and {norms.Count}."));

        var renamed = new Dictionary<string, Tensor>();
        foreach (var (i, layer) in convolutions.Index())
            foreach (var (name, value) in layer)
                renamed[Invariant($"blocks.{i / 2}.conv{i % 2 + 1}.{(name == Kernel ? "weight" : "bias")}")] =
                    name == Kernel ? value.permute(3, 2, 0, 1) : value;
        foreach (var (i, layer) in norms.Index())
            foreach (var (name, value) in layer)
                renamed[$"{(i == 0 ? "norm" : Invariant($"blocks.{(i - 1) / 2}.norm{(i - 1) % 2 + 1}"))}"
                    + $".{s_norm.GetValueOrDefault(name, name)}"] = value;
        return renamed;
    }

    // the first layers of newer Keras have no number; nor has the last convolution of a published network, which is
    // called audio_embedding_layer
    static int NumberOf(string layer)
    {
        if (layer is "conv2d" or "batch_normalization") return 0;

        return int.TryParse(layer.AsSpan(layer.LastIndexOf('_') + 1), NumberStyles.None, CultureInfo.InvariantCulture,
            out var number) ? number : int.MaxValue;
    }
}
