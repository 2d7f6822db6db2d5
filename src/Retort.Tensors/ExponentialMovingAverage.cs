using Retort.Tensors.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Tensors;

/// <summary>
/// A second network whose weights follow those of the first: a ← d a + (1 − d) θ, d = min(1 − 1/(t + 1), decay) with
/// warm-up, so that the first look copies and the early ones are plain means. Floating buffers (the statistics of a
/// batch normalization) are averaged too, counters are copied.
/// </summary>
/// <remarks>Has no state but the second network's own, so a checkpoint holds that and the step.</remarks>
public sealed class ExponentialMovingAverage
{
    readonly Tensor[] _live;
    readonly Tensor[] _average;
    readonly (Tensor Live, Tensor Average)[] _counters;
    readonly double _decay;
    readonly bool _warmUp;

    /// <param name="live">The network that is trained.</param>
    /// <param name="average">Another of the same build; its weights are overwritten. Both stay the caller's.</param>
    /// <param name="decay">How much of the average stays at each look.</param>
    /// <param name="warmUp">Whether early looks weigh more.</param>
    public ExponentialMovingAverage(Module live, Module average, double decay, bool warmUp = true) : this(live, average, decay, warmUp, _ => true, copy: true) { }

    ExponentialMovingAverage(Module live, Module average, double decay, bool warmUp, Predicate<string> followed, bool copy)
    {
        if (decay is not (>= 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(decay), FormattableString.Invariant($"decay must be at least 0 and less than 1; it is {decay}."));
        (_decay, _warmUp) = (decay, warmUp);
        var to = Named(average).ToDictionary();
        var pairs = Named(live).Select(pair => (Name: pair.Key, Live: pair.Value, Average: to.GetValueOrDefault(pair.Key)
            ?? throw new ArgumentException($"The average has no '{pair.Key}'; both networks must be built alike.", nameof(average)))).ToList();
        var moving = pairs.Where(pair => followed(pair.Name)).ToLookup(pair => pair.Live.is_floating_point());
        _live = [.. moving[true].Select(pair => pair.Live)];
        _average = [.. moving[true].Select(pair => pair.Average)];
        _counters = [.. moving[false].Select(pair => (pair.Live, pair.Average))];
        using var frozen = no_grad();
        foreach (var (_, mine, theirs) in pairs)
        {
            if (copy) theirs.copy_(mine);
            theirs.requires_grad_(false);
        }
    }

    /// <summary>Of the parameters alone; buffers stay the second network's own.</summary>
    /// <param name="live">The network that is trained.</param>
    /// <param name="average">Another of the same build.</param>
    /// <param name="decay">How much of the average stays at each look.</param>
    /// <param name="copy">Whether it begins as a copy of the first, buffers too; else it begins as it is.</param>
    /// <param name="warmUp">Whether the decay rises from ½ to its value over the first steps.</param>
    public static ExponentialMovingAverage OfParameters(
        Module live, Module average, double decay, bool copy, bool warmUp = true)
    {
        var parameters = live.named_parameters().Select(pair => pair.name).ToHashSet();
        return new(live, average, decay, warmUp, parameters.Contains, copy);
    }

    /// <summary>d at step t, the first being 0.</summary>
    public double DecayAt(long step) => _warmUp ? Math.Min(1 - 1.0 / (step + 1), _decay) : _decay;

    /// <summary>Looks at the network once, after the optimizer's step; the first is step 0.</summary>
    public void Update(long step)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        using var weight = tensor((float)(1 - DecayAt(step)));
        if (Dispatcher.IsAvailable && _live.All(tensor => tensor.dtype == ScalarType.Float32 && tensor.device_type == DeviceType.CPU))
            Dispatcher.Call("aten::_foreach_lerp_"u8, "List"u8, List(_average), List(_live), Repeated(weight, _live.Length));
        else
            for (var i = 0; i < _live.Length; i++) _average[i].lerp_(_live[i], weight.to(_live[i].dtype).to(_live[i].device));
        foreach (var (live, average) in _counters) average.copy_(live);
    }

    static IEnumerable<KeyValuePair<string, Tensor>> Named(Module module) =>
        module.named_parameters().Select(pair => KeyValuePair.Create(pair.name, (Tensor)pair.parameter))
            .Concat(module.named_buffers().Select(pair => KeyValuePair.Create(pair.name, pair.buffer)));

    static ulong List(Tensor[] tensors) => Dispatcher.Shared(Array.ConvertAll(tensors, tensor => tensor.Handle));

    static ulong Repeated(Tensor tensor, int count) => Dispatcher.Shared(Enumerable.Repeat(tensor.Handle, count).ToArray());
}
