using System.Runtime.InteropServices;

namespace Retort.Contracts;

/// <summary>
/// A batch in managed arrays, which a loader thread fills ahead of the step and reuses; <see cref="ToBatch"/> copies it
/// into tensors. It holds any number of inputs.
/// </summary>
public sealed class HostBatch
{
    readonly Dictionary<(bool Teacher, string Name), InputBuffer> _inputs = [];
    long[] _labels = [];
    long[] _otherLabels = [];
    int[] _ids = [];
    float[] _targets = [];
    float[] _softLabels = [];
    int _softWidth;
    bool _usesTeacherInputs;

    /// <summary>The examples' ids: the key of caches and of predictions. [B]</summary>
    public Span<int> Ids => _ids.AsSpan(0, Count);

    /// <summary>Class indices; -1 where the label is unknown, and where the data has no classes. [B]</summary>
    public Span<long> Labels => _labels.AsSpan(0, Count);

    /// <summary>B.</summary>
    public int Count { get; private set; }

    /// <summary>The weight of <see cref="Labels"/> in mixed examples; 1 where nothing was mixed in.</summary>
    public double LabelShare { get; set; } = 1;

    /// <summary>
    /// The index of the data's view that the examples are in; null where the view will not come again.
    /// </summary>
    public int? ViewIndex { get; set; }

    /// <summary>The labels of the examples that were mixed in, where <see cref="LabelShare"/> is below 1. [B]</summary>
    public Span<long> OtherLabels => _otherLabels.AsSpan(0, Count);

    /// <summary>C of <see cref="KnownTargets"/>; 0 where there are no targets but class labels.</summary>
    public int TargetWidth { get; private set; }

    /// <summary>The values in <see cref="Targets"/>; empty where there are none. [B, C]</summary>
    public ReadOnlySpan<float> KnownTargets => _targets.AsSpan(0, Count * TargetWidth);

    /// <summary>Starts a new batch of this many examples.</summary>
    public void Reset(int count)
    {
        Count = count;
        LabelShare = 1;
        ViewIndex = null;
        TargetWidth = 0;
        _softWidth = 0;
        if (_ids.Length < count)
        {
            _ids = new int[count];
            _labels = new long[count];
            _otherLabels = new long[count];
        }
        Labels.Fill(-1);
        _usesTeacherInputs = false;
        foreach (var input in _inputs.Values) input.Used = false;
    }

    /// <summary>
    /// The array for labels of 0 and 1, or for values, NaN where one is unknown; it still has the values of an earlier
    /// batch. [B, C]
    /// </summary>
    public Span<float> Targets(int width)
    {
        TargetWidth = width;
        if (_targets.Length < Count * width) _targets = new float[Count * width];
        return _targets.AsSpan(0, Count * width);
    }

    /// <summary>
    /// The array for labels with a number for each class, which the supervised loss compares with; it still has the
    /// values of an earlier batch. [B, C]
    /// </summary>
    public Span<float> SoftLabels(int width)
    {
        _softWidth = width;
        if (_softLabels.Length < Count * width) _softLabels = new float[Count * width];
        return _softLabels.AsSpan(0, Count * width);
    }

    /// <summary>The array of a float32 input; it still has the values of an earlier batch. [B, shape]</summary>
    public Span<float> Float32(string name, ReadOnlySpan<long> shape, bool teacher = false) =>
        MemoryMarshal.Cast<byte, float>(Buffer(name, shape, teacher, TensorType.Float32, sizeof(float)));

    /// <summary>The array of an int64 input; it still has the values of an earlier batch. [B, shape]</summary>
    public Span<long> Int64(string name, ReadOnlySpan<long> shape, bool teacher = false) =>
        MemoryMarshal.Cast<byte, long>(Buffer(name, shape, teacher, TensorType.Int64, sizeof(long)));

    /// <summary>
    /// The array of a bool input, a byte each; it still has the values of an earlier batch. [B, shape]
    /// </summary>
    public Span<byte> Bool(string name, ReadOnlySpan<long> shape, bool teacher = false) =>
        Buffer(name, shape, teacher, TensorType.Bool, 1);

    /// <summary>
    /// Pads sequences to the longest of the batch and fills their mask: the usual collation of token ids.
    /// </summary>
    /// <param name="name">The input of the ids.</param>
    /// <param name="rows">Each example's ids. [B][T_i]</param>
    /// <param name="padding">The id after an example's end.</param>
    /// <param name="mask">The input that gets 1 for a token and 0 for padding; null for none.</param>
    /// <param name="teacher">Whether it is an input of the teacher.</param>
    public void Pad(string name, IReadOnlyList<ReadOnlyMemory<long>> rows, long padding = 0,
        string? mask = InputNames.AttentionMask, bool teacher = false)
    {
        var longest = Math.Max(rows.Max(row => row.Length), 1);
        var ids = Int64(name, [longest], teacher);
        ids.Fill(padding);
        for (var i = 0; i < rows.Count; i++) rows[i].Span.CopyTo(ids[(i * longest)..]);
        if (mask is null) return;

        var isToken = Int64(mask, [longest], teacher);
        isToken.Clear();
        for (var i = 0; i < rows.Count; i++) isToken.Slice(i * longest, rows[i].Length).Fill(1);
    }

    /// <summary>Makes the teacher's inputs the only ones of this batch.</summary>
    public void UseTeacherInputs() => _usesTeacherInputs = true;

    /// <summary>A copy with arrays of its own, for a caller that stores it.</summary>
    public HostBatch Copy()
    {
        var copy = new HostBatch();
        copy.Reset(Count);
        foreach (var ((teacher, name), input) in _inputs)
        {
            if (!input.Used) continue;

            var values = copy.Buffer(name, input.Shape.AsSpan(1), teacher, input.Type, input.ElementSize);
            input.Values.AsSpan(0, values.Length).CopyTo(values);
        }
        Labels.CopyTo(copy.Labels);
        OtherLabels.CopyTo(copy.OtherLabels);
        Ids.CopyTo(copy.Ids);
        if (TargetWidth > 0) KnownTargets.CopyTo(copy.Targets(TargetWidth));
        if (_softWidth > 0) KnownSoftLabels.CopyTo(copy.SoftLabels(_softWidth));
        copy.LabelShare = LabelShare;
        copy.ViewIndex = ViewIndex;
        copy._usesTeacherInputs = _usesTeacherInputs;
        return copy;
    }

    /// <summary>The batch as tensors, owned by the caller's dispose scope.</summary>
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
            Labelled = CountKnown(Labels),
            OtherLabelled = LabelShare < 1 ? CountKnown(OtherLabels) : 0,
            Targets = TargetWidth == 0 ? null : On(device, KnownTargets.ToTensor(Count, TargetWidth)),
            SoftLabels = _softWidth == 0 ? null : On(device, KnownSoftLabels.ToTensor(Count, _softWidth)),
            Ids = Ids.ToArray(),
            ViewIndex = ViewIndex,
            Random = random,
        };
    }

    ReadOnlySpan<float> KnownSoftLabels => _softLabels.AsSpan(0, Count * _softWidth);

    List<(string, Tensor)> Tensors(bool teacher, torch.Device? device)
    {
        var tensors = new List<(string, Tensor)>();
        foreach (var (key, input) in _inputs)
            if (input.Used && key.Teacher == teacher) tensors.Add((key.Name, On(device, input.ToTensor())));
        return tensors;
    }

    Span<byte> Buffer(string name, ReadOnlySpan<long> shape, bool teacher, TensorType type, int elementSize)
    {
        var size = checked(Count * elementSize);
        foreach (var axis in shape) size = checked(size * (int)axis);
        if (!_inputs.TryGetValue((teacher, name), out var input)) _inputs[(teacher, name)] = input = new();
        if (input.Values.Length < size) input.Values = new byte[size];
        input.Shape = [Count, .. shape];
        input.Type = type;
        input.ElementSize = elementSize;
        input.Used = true;
        return input.Values.AsSpan(0, size);
    }

    static int CountKnown(ReadOnlySpan<long> labels)
    {
        var known = 0;
        foreach (var label in labels) known += label >= 0 ? 1 : 0;
        return known;
    }

    static Tensor On(torch.Device? device, Tensor tensor) =>
        device is null || device.type == DeviceType.CPU ? tensor : tensor.to(device);

    sealed class InputBuffer
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
                _ => bytes.ToTensor(Shape).to(torch.ScalarType.Bool),
            };
        }
    }
}
