using TorchSharp;

namespace Retort.Teachers;

/// <summary>In which order a teacher wants the numbers of a picture.</summary>
public enum ImageLayout
{
    /// <summary>[B, C, H, W], as PyTorch has them.</summary>
    Nchw,

    /// <summary>[B, H, W, C], as TensorFlow has them.</summary>
    Nhwc,

    /// <summary>[B, C · H · W], row by row, channel after channel.</summary>
    Flat,
}

/// <summary>What a teacher from elsewhere is fed: the data's one input, normalised and laid out as that teacher wants it.</summary>
sealed class TeacherInput : IDisposable
{
    readonly Renormalization _front;
    readonly ImageLayout _layout;

    public TeacherInput(DatasetInfo facts, Normalization? own, ImageLayout layout, torch.Device device)
    {
        var input = facts.OnlyInput("A teacher from a file or a service");
        var (name, shape) = (input.Name, input.Shape);
        Name = name;
        (_layout, Classes) = (shape.Length == 3 ? layout : ImageLayout.Flat, facts.Classes.Count);
        if (layout == ImageLayout.Nhwc && shape.Length != 3) throw new InvalidOperationException(
            $"The teacher's layout is said to be nhwc, which only pictures have; the data has {Name} [{string.Join(", ", shape)}].");
        Shape = _layout switch
        {
            ImageLayout.Nchw => [.. shape],
            ImageLayout.Nhwc => [shape[1], shape[2], shape[0]],
            _ => [input.Count],
        };
        _front = new(facts.Normalization, own, device);
    }

    /// <summary>What the data calls it.</summary>
    public string Name { get; }

    /// <summary>Of one example, as the teacher wants it.</summary>
    public long[] Shape { get; }

    /// <summary>C.</summary>
    public int Classes { get; }

    /// <summary>The batch's numbers, in the caller's scope. → [B, Shape] float32, contiguous</summary>
    public Tensor Of(Batch batch)
    {
        var given = batch.TeacherInputs[Name];
        var count = given.size(0);
        var normal = _front.Apply(given);
        return _layout switch
        {
            ImageLayout.Nchw => normal.contiguous(),
            ImageLayout.Nhwc => normal.permute(0, 2, 3, 1).contiguous(),
            _ => normal.reshape(count, -1),
        };
    }

    /// <summary>Refuses logits that are not one number for each class of the data.</summary>
    public void Check(IReadOnlyList<long> logits, long count, string teacher)
    {
        if (logits.Count == 2 && logits[0] == count && logits[1] == Classes) return;
        throw new InvalidDataException(
            $"{teacher} must answer with [{count}, {Classes}], a number for each of the data's {Classes} classes; it answered with [{string.Join(", ", logits)}].");
    }

    public void Dispose() => _front.Dispose();
}
