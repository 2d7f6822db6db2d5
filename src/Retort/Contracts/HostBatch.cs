using TorchSharp;

namespace Retort.Contracts;

/// <summary>
/// A batch in managed arrays, made ahead on another thread and used again and again; <see cref="ToBatch"/> copies it
/// into tensors. A part that wants several inputs writes several.
/// </summary>
public sealed class HostBatch
{
    readonly Dictionary<string, Part> _parts = [];
    long[] _labels = [];
    long[] _otherLabels = [];
    int[] _ids = [];

    /// <summary>The examples' ids: the key of caches and of predictions. [B]</summary>
    public Span<int> Ids => _ids.AsSpan(0, Count);

    /// <summary>Class numbers; -1 where a label is not known. [B]</summary>
    public Span<long> Labels => _labels.AsSpan(0, Count);

    /// <summary>B.</summary>
    public int Count { get; private set; }

    /// <summary>The share of <see cref="Labels"/> in mixed examples; 1 where nothing was mixed in.</summary>
    public double LabelShare { get; set; } = 1;

    /// <summary>Which of the data's views the examples are shown in; null where that view will not come again.</summary>
    public int? ViewIndex { get; set; }

    /// <summary>The labels of what was mixed in, where <see cref="LabelShare"/> is below 1. [B]</summary>
    public Span<long> OtherLabels => _otherLabels.AsSpan(0, Count);

    /// <summary>Starts anew with room for this many examples.</summary>
    public void Reset(int count)
    {
        (Count, LabelShare, ViewIndex) = (count, 1, null);
        if (_ids.Length < count) (_ids, _labels, _otherLabels) = (new int[count], new long[count], new long[count]);
        foreach (var part in _parts.Values) part.Used = false;
    }

    /// <summary>Room for one input of the whole batch; what was there before is not cleared. [B, shape]</summary>
    public Span<float> Floats(string name, ReadOnlySpan<long> shape)
    {
        var size = Count;
        foreach (var axis in shape) size = checked(size * (int)axis);
        if (!_parts.TryGetValue(name, out var part)) _parts[name] = part = new();
        if (part.Values.Length < size) part.Values = new float[size];
        (part.Shape, part.Used) = ([Count, .. shape], true);
        return part.Values.AsSpan(0, size);
    }

    /// <summary>The same in arrays of its own, for who wants to keep it.</summary>
    public HostBatch Copy()
    {
        var copy = new HostBatch();
        copy.Reset(Count);
        foreach (var (name, part) in _parts)
        {
            if (!part.Used) continue;
            var values = copy.Floats(name, part.Shape.AsSpan(1));
            part.Values.AsSpan(0, values.Length).CopyTo(values);
        }
        Labels.CopyTo(copy.Labels);
        OtherLabels.CopyTo(copy.OtherLabels);
        Ids.CopyTo(copy.Ids);
        (copy.LabelShare, copy.ViewIndex) = (LabelShare, ViewIndex);
        return copy;
    }

    /// <summary>The same as tensors, owned by the caller's scope.</summary>
    public Batch ToBatch(torch.Device? device = null, RandomStream chance = default)
    {
        var inputs = new List<(string, Tensor)>();
        foreach (var (name, part) in _parts)
        {
            if (!part.Used) continue;
            var size = 1L;
            foreach (var axis in part.Shape) size *= axis;
            inputs.Add((name, On(device, part.Values.AsSpan(0, (int)size).ToTensor(part.Shape))));
        }
        return new()
        {
            Inputs = new(inputs),
            Labels = On(device, Labels.ToTensor(Count)),
            OtherLabels = LabelShare < 1 ? On(device, OtherLabels.ToTensor(Count)) : null,
            LabelShare = LabelShare,
            Labelled = Known(Labels),
            OtherLabelled = LabelShare < 1 ? Known(OtherLabels) : 0,
            Ids = Ids.ToArray(),
            ViewIndex = ViewIndex,
            Random = chance,
        };
    }

    static int Known(ReadOnlySpan<long> labels)
    {
        var known = 0;
        foreach (var label in labels) known += label >= 0 ? 1 : 0;
        return known;
    }

    static Tensor On(torch.Device? device, Tensor tensor) => device is null || device.type == DeviceType.CPU ? tensor : tensor.to(device);

    sealed class Part
    {
        public float[] Values = [];
        public long[] Shape = [];
        public bool Used;
    }
}
