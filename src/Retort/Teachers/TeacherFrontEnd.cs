using System.Text;
using Retort.Tensors.Files;

namespace Retort.Teachers;

/// <summary>
/// Prepares a batch for a teacher from a file or a service: the teacher's own normalization, and images in the layout
/// that it expects.
/// </summary>
sealed class TeacherFrontEnd : IDisposable
{
    readonly IReadOnlyList<TensorSpec> _inputs;                            // as the batches have them
    readonly Renormalization _renormalization;
    readonly ImageLayout _layout;
    readonly FinalActivation _activation;

    /// <param name="data">What the batches hold; the teacher is fed <see cref="DatasetInfo.ForTeacher"/>.</param>
    /// <param name="own">The teacher's normalization; null: that of the data.</param>
    /// <param name="layout">The order of an image's numbers.</param>
    /// <param name="device">The device of the batches.</param>
    /// <param name="activation">What the teacher applies to its logits.</param>
    public TeacherFrontEnd(DatasetInfo data, Normalization? own, ImageLayout layout, torch.Device device,
        FinalActivation activation)
    {
        _activation = activation;
        (_inputs, _layout, Classes) = (data.ForTeacher.Inputs, layout, data.Classes.Count);
        if (layout == ImageLayout.Nhwc && !_inputs.Any(IsImage)) throw new InvalidOperationException(
            "The teacher's option \"layout\" is nhwc, which only images have; the data has "
            + $"{string.Join(", ", _inputs)}.");
        Inputs = [.. _inputs.Select(ArrangedSpec)];
        _renormalization = new(_inputs, own, device);
    }

    /// <summary>The teacher's inputs, in its layout.</summary>
    public IReadOnlyList<TensorSpec> Inputs { get; }

    /// <summary>C.</summary>
    public int Classes { get; }

    /// <summary>
    /// The batch's inputs for the teacher, contiguous, in the caller's scope. They are copies: the teacher may write
    /// over them.
    /// </summary>
    public IReadOnlyList<(string Name, Tensor Value)> Apply(Batch batch) => [.. _inputs.Select(input =>
        (input.Name, Arranged(input, _renormalization.Apply(input.Name, batch.TeacherInputs[input.Name]))))];

    /// <summary>Zeros in place of a batch, in the caller's scope: a teacher is run on them when it is opened.</summary>
    public IReadOnlyList<(string Name, Tensor Value)> Example(long batch, torch.Device device) =>
        [.. Inputs.Select(input => (input.Name, input.Example(batch).to(device)))];

    /// <summary>Checks an output of a teacher: its rank, a row per example, and of logits a number per class.</summary>
    /// <param name="key">The output.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="count">B.</param>
    /// <param name="source">The teacher, for the message.</param>
    /// <exception cref="InvalidDataException">It has another shape.</exception>
    public void Check(OutputKey key, IReadOnlyList<long> shape, long count, string source)
    {
        var came = $"it returned [{string.Join(", ", shape)}]";
        if (key == Output.Logits && Classes > 0 && !shape.SequenceEqual([count, Classes]))
            throw new InvalidDataException($"{source} must return {key.Name} of [{count}, {Classes}], a number for "
                + $"each of the data's {Classes} classes; {came}.");
        if (!key.Axes.Any(axes => axes.Count == shape.Count))
            throw new InvalidDataException($"{source} must return {key.Name} of "
                + $"{string.Join(" or ", key.Axes.Select(axes => $"[{string.Join(", ", axes)}]"))}; {came}.");
        if (shape[0] != count) throw new InvalidDataException(
            $"{source} must return a row of {key.Name} for each example; for {count} examples {came}.");
    }

    /// <summary>An output as methods need it: logits without the teacher's final activation.</summary>
    /// <param name="key">The output.</param>
    /// <param name="values">The teacher's numbers, checked by <see cref="Check"/>.</param>
    /// <param name="source">The teacher, for the message.</param>
    /// <exception cref="InvalidDataException">The numbers are no probabilities.</exception>
    public Tensor Undo(OutputKey key, Tensor values, string source) =>
        key == Output.Logits && _activation != FinalActivation.None
            ? Probabilities.ToLogits(values, _activation, source) : values;

    /// <summary>A teacher's fingerprint, in which its final activation counts.</summary>
    public string Fingerprint(string own) => _activation == FinalActivation.None ? own
        : FileHash.Sha256(Encoding.UTF8.GetBytes($"{own} {_activation}"));

    public void Dispose() => _renormalization.Dispose();

    static bool IsImage(TensorSpec input) =>
        input is { Type: TensorType.Float32, Varies: false, Axes.Count: 3 };

    TensorSpec ArrangedSpec(TensorSpec input) => _layout switch
    {
        ImageLayout.Nhwc when IsImage(input) => input with { Axes = [input.Axes[1], input.Axes[2], input.Axes[0]] },
        ImageLayout.Flat when IsFlattened(input) => input with { Axes = [new("features", input.Count)] },
        _ => input,
    };

    Tensor Arranged(TensorSpec input, Tensor x) => _layout switch
    {
        ImageLayout.Nhwc when IsImage(input) => x.permute(0, 2, 3, 1).contiguous(),
        ImageLayout.Flat when IsFlattened(input) => x.reshape(x.size(0), -1),
        _ => x.contiguous(),
    };

    static bool IsFlattened(TensorSpec input) => input is { Type: TensorType.Float32, Varies: false };
}
