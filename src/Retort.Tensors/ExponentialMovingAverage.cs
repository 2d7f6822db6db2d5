using Retort.Tensors.Native;
using static System.FormattableString;

namespace Retort.Tensors;

/// <summary>
/// Keeps the weights of a second network at the exponential moving average of the first's: a ← d a + (1 − d) θ.
/// </summary>
/// <remarks>
/// With warm-up d = min(1 − 1/(t + 1), decay): the first update copies, and the early ones are plain means. Floating
/// buffers (the statistics of a batch normalization) are averaged too; counters are copied. The average has no state
/// but the second network's, so a checkpoint holds that and the step.
/// </remarks>
public sealed class ExponentialMovingAverage
{
    readonly Tensor[] _source;
    readonly Tensor[] _average;
    readonly (Tensor Source, Tensor Average)[] _counters;
    readonly double _decay;
    readonly bool _warmUp;

    /// <param name="source">The network that is trained.</param>
    /// <param name="average">A network of the same architecture; its weights are overwritten.</param>
    /// <param name="decay">d: the share of the average that stays at each update, in [0, 1).</param>
    /// <param name="warmUp">Whether d starts small.</param>
    public ExponentialMovingAverage(Module source, Module average, double decay, bool warmUp = true)
        : this(source, average, decay, warmUp, _ => true, copy: true) { }

    ExponentialMovingAverage(
        Module source, Module average, double decay, bool warmUp, Predicate<string> isAveraged, bool copy)
    {
        if (decay is not (>= 0 and < 1))
            throw new ArgumentOutOfRangeException(
                nameof(decay), Invariant($"decay must be at least 0 and less than 1; it is {decay}."));

        _decay = decay;
        _warmUp = warmUp;
        var targets = NamedTensors(average).ToDictionary();
        var pairs = NamedTensors(source)
            .Select(pair => (Name: pair.Key, Source: pair.Value, Average: Target(pair.Key)))
            .ToList();
        var averaged = pairs.Where(pair => isAveraged(pair.Name)).ToLookup(pair => pair.Source.is_floating_point());
        _source = [.. averaged[true].Select(pair => pair.Source)];
        _average = [.. averaged[true].Select(pair => pair.Average)];
        _counters = [.. averaged[false].Select(pair => (pair.Source, pair.Average))];

        using var noGrad = no_grad();
        foreach (var (_, from, to) in pairs)
        {
            if (copy) to.copy_(from);
            to.requires_grad_(false);
        }

        Tensor Target(string name) => targets.GetValueOrDefault(name) ?? throw new ArgumentException(
            $"The average has no '{name}'; both networks must have the same architecture.", nameof(average));
    }

    /// <summary>Averages the parameters alone; the second network keeps its own buffers.</summary>
    /// <param name="source">The network that is trained.</param>
    /// <param name="average">A network of the same architecture.</param>
    /// <param name="decay">d: the share of the average that stays at each update, in [0, 1).</param>
    /// <param name="copy">
    /// Whether the average starts as a copy of the source, buffers included. Otherwise it starts as it is.
    /// </param>
    /// <param name="warmUp">Whether d starts small.</param>
    public static ExponentialMovingAverage OfParameters(
        Module source, Module average, double decay, bool copy, bool warmUp = true)
    {
        var parameters = source.named_parameters().Select(pair => pair.name).ToHashSet();
        return new(source, average, decay, warmUp, parameters.Contains, copy);
    }

    /// <summary>d at step t; the first is step 0.</summary>
    public double DecayAt(long step) => _warmUp ? Math.Min(1 - 1.0 / (step + 1), _decay) : _decay;

    /// <summary>Updates the average once, after the optimizer's step; the first is step 0.</summary>
    public void Update(long step)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var weight = tensor((float)(1 - DecayAt(step)));

        if (Dispatcher.IsAvailable && _source.All(IsFloat32OnCpu))
        {
            var weights = Enumerable.Repeat(weight.Handle, _source.Length).ToArray();
            Dispatcher.Call("aten::_foreach_lerp_"u8, "List"u8,
                ListOf(_average), ListOf(_source), Dispatcher.ListOfShared(weights));
        }
        else
        {
            for (var i = 0; i < _source.Length; i++)
                _average[i].lerp_(_source[i], weight.to(_source[i].dtype).to(_source[i].device));
        }
        foreach (var (source, average) in _counters) average.copy_(source);
    }

    static bool IsFloat32OnCpu(Tensor tensor) =>
        tensor.dtype == ScalarType.Float32 && tensor.device_type == DeviceType.CPU;

    static IEnumerable<KeyValuePair<string, Tensor>> NamedTensors(Module module)
    {
        foreach (var (name, parameter) in module.named_parameters()) yield return new(name, parameter);
        foreach (var (name, buffer) in module.named_buffers()) yield return new(name, buffer);
    }

    static ulong ListOf(Tensor[] tensors) =>
        Dispatcher.ListOfShared(Array.ConvertAll(tensors, tensor => tensor.Handle));
}
