using System.Runtime.InteropServices;
using TorchSharp;

namespace Retort.Contracts;

/// <summary>
/// A batch in managed arrays, filled ahead on another thread and used again and again; <see cref="ToBatch"/> copies it
/// into tensors. A split that has several inputs fills several.
/// </summary>
public sealed class HostBatch
{
    readonly Dictionary<(bool Teacher, string Name), Part> _parts = [];
    long[] _labels = [];
    long[] _otherLabels = [];
    int[] _ids = [];
    float[] _targets = [];
    bool _usesTeacherInputs;

    /// <summary>The examples' ids: the key of caches and of predictions. [B]</summary>
    public Span<int> Ids => _ids.AsSpan(0, Count);

    /// <summary>Class numbers; -1 where a label is not known, and where the data has no classes. [B]</summary>
    public Span<long> Labels => _labels.AsSpan(0, Count);

    /// <summary>B.</summary>
    public int Count { get; private set; }

    /// <summary>The share of <see cref="Labels"/> in mixed examples; 1 where nothing was mixed in.</summary>
    public double LabelShare { get; set; } = 1;

    /// <summary>Which of the data's views the examples are shown in; null where that view will not come again.</summary>
    public int? ViewIndex { get; set; }

    /// <summary>The labels of what was mixed in, where <see cref="LabelShare"/> is below 1. [B]</summary>
    public Span<long> OtherLabels => _otherLabels.AsSpan(0, Count);

    /// <summary>Starts a new batch with room for this many examples.</summary>
    public void Reset(int count)
    {
        (Count, LabelShare, ViewIndex, TargetWidth) = (count, 1, null, 0);
        if (_ids.Length < count) (_ids, _labels, _otherLabels) = (new int[count], new long[count], new long[count]);
        Labels.Fill(-1);
        _usesTeacherInputs = false;
        foreach (var part in _parts.Values) part.Used = false;
    }

    /// <summary>Room for labels or values, NaN where one is not known; what was there before is not cleared. [B, C]</summary>
    public Span<float> Targets(int width)
    {
        TargetWidth = width;
        if (_targets.Length < Count * width) _targets = new float[Count * width];
        return _targets.AsSpan(0, Count * width);
    }

    /// <summary>C of <see cref="KnownTargets"/>; 0 where there are no targets but class labels.</summary>
    public int TargetWidth { get; private set; }

    /// <summary>What <see cref="Targets"/> was filled with; empty where nothing was. [B, C]</summary>
    public ReadOnlySpan<float> KnownTargets => _targets.AsSpan(0, Count * TargetWidth);

    /// <summary>Room for a float32 input; what was there before is not cleared. [B, shape]</summary>
    public Span<float> Float32(string name, ReadOnlySpan<long> shape, bool teacher = false) =>
        MemoryMarshal.Cast<byte, float>(Room(name, shape, teacher, TensorType.Float32, sizeof(float)));

    /// <summary>Room for an int64 input; what was there before is not cleared. [B, shape]</summary>
    public Span<long> Int64(string name, ReadOnlySpan<long> shape, bool teacher = false) =>
        MemoryMarshal.Cast<byte, long>(Room(name, shape, teacher, TensorType.Int64, sizeof(long)));

    /// <summary>Room for a bool input, a byte each; what was there before is not cleared. [B, shape]</summary>
    public Span<byte> Bool(string name, ReadOnlySpan<long> shape, bool teacher = false) =>
        Room(name, shape, teacher, TensorType.Bool, 1);

    /// <summary>
    /// Pads sequences to the longest of the batch and fills the mask beside them: the usual collation of token ids.
    /// </summary>
    /// <param name="name">The input of the ids.</param>
    /// <param name="rows">Each example's ids. [B][T_i]</param>
    /// <param name="padding">What stands behind an example's end.</param>
    /// <param name="mask">The input that gets 1 for a token and 0 for padding; none for null.</param>
    /// <param name="teacher">Whether the teacher is fed this.</param>
    public void Pad(string name, IReadOnlyList<ReadOnlyMemory<long>> rows, long padding = 0,
        string? mask = InputNames.AttentionMask, bool teacher = false)
    {
        var longest = Math.Max(rows.Max(row => row.Length), 1);
        var ids = Int64(name, [longest], teacher);
        ids.Fill(padding);
        for (var i = 0; i < rows.Count; i++) rows[i].Span.CopyTo(ids[(i * longest)..]);
        if (mask is null) return;
        var real = Int64(mask, [longest], teacher);
        real.Clear();
        for (var i = 0; i < rows.Count; i++) real.Slice(i * longest, rows[i].Length).Fill(1);
    }

    /// <summary>Makes the teacher's inputs the only ones of this batch.</summary>
    public void UseTeacherInputs() => _usesTeacherInputs = true;

    /// <summary>The same in arrays of its own, for who wants to keep it.</summary>
    public HostBatch Copy()
    {
        var copy = new HostBatch();
        copy.Reset(Count);
        foreach (var ((teacher, name), part) in _parts)
        {
            if (!part.Used) continue;
            var values = copy.Room(name, part.Shape.AsSpan(1), teacher, part.Type, part.ElementSize);
            part.Values.AsSpan(0, values.Length).CopyTo(values);
        }
        Labels.CopyTo(copy.Labels);
        OtherLabels.CopyTo(copy.OtherLabels);
        Ids.CopyTo(copy.Ids);
        if (TargetWidth > 0) _targets.AsSpan(0, Count * TargetWidth).CopyTo(copy.Targets(TargetWidth));
        (copy.LabelShare, copy.ViewIndex, copy._usesTeacherInputs) = (LabelShare, ViewIndex, _usesTeacherInputs);
        return copy;
    }

    /// <summary>The same as tensors, owned by the caller's scope.</summary>
    public Batch ToBatch(torch.Device? device = null, RandomStream random = default)
    {
        var teacherInputs = Tensors(teacher: true, device);
        var inputs = _usesTeacherInputs ? teacherInputs : Tensors(teacher: false, device);
        return new()
        {
            Inputs = new(inputs),
            TeacherInputs = teacherInputs.Count > 0 ? new(teacherInputs) : null!,
            Labels = On(device, Labels.ToTensor(Count)),
            OtherLabels = LabelShare < 1 ? On(device, OtherLabels.ToTensor(Count)) : null,
            LabelShare = LabelShare,
            Labelled = Known(Labels),
            OtherLabelled = LabelShare < 1 ? Known(OtherLabels) : 0,
            Targets = TargetWidth == 0 ? null
                : On(device, _targets.AsSpan(0, Count * TargetWidth).ToTensor(Count, TargetWidth)),
            Ids = Ids.ToArray(),
            ViewIndex = ViewIndex,
            Random = random,
        };
    }

    List<(string, Tensor)> Tensors(bool teacher, torch.Device? device)
    {
        var tensors = new List<(string, Tensor)>();
        foreach (var (key, part) in _parts)
            if (part.Used && key.Teacher == teacher) tensors.Add((key.Name, On(device, part.ToTensor())));
        return tensors;
    }

    Span<byte> Room(string name, ReadOnlySpan<long> shape, bool teacher, TensorType type, int elementSize)
    {
        var size = checked(Count * elementSize);
        foreach (var axis in shape) size = checked(size * (int)axis);
        if (!_parts.TryGetValue((teacher, name), out var part)) _parts[(teacher, name)] = part = new();
        if (part.Values.Length < size) part.Values = new byte[size];
        (part.Shape, part.Type, part.ElementSize, part.Used) = ([Count, .. shape], type, elementSize, true);
        return part.Values.AsSpan(0, size);
    }

    static int Known(ReadOnlySpan<long> labels)
    {
        var known = 0;
        foreach (var label in labels) known += label >= 0 ? 1 : 0;
        return known;
    }

    static Tensor On(torch.Device? device, Tensor tensor) =>
        device is null || device.type == DeviceType.CPU ? tensor : tensor.to(device);

    sealed class Part
    {
        public byte[] Values = [];
        public long[] Shape = [];
        public TensorType Type;
        public int ElementSize;
        public bool Used;

        public Tensor ToTensor()
        {
            var size = ElementSize;
            foreach (var axis in Shape) size *= (int)axis;
            var bytes = Values.AsSpan(0, size);
            return Type switch
            {
                TensorType.Float32 => MemoryMarshal.Cast<byte, float>(bytes).ToTensor(Shape),
                TensorType.Int64 => MemoryMarshal.Cast<byte, long>(bytes).ToTensor(Shape),
                _ => ((ReadOnlySpan<byte>)bytes).ToTensor(Shape).to(torch.ScalarType.Bool),
            };
        }
    }
}
