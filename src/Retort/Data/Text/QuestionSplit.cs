namespace Retort.Data.Text;

/// <summary>One split of questions about images: token ids, padded to the longest of the batch, and pixels.</summary>
/// <param name="examples">The questions; they have images.</param>
/// <param name="split">The rows.</param>
/// <param name="info">Inputs and targets.</param>
/// <param name="encoded">The questions as token ids.</param>
/// <param name="constants">The constants of the normalization of pixels.</param>
sealed class QuestionSplit(
    TextExamples examples, SplitRows split, DatasetInfo info, EncodedTexts encoded, float[] constants)
    : TextSplit(examples, split, info, encoded), IImageSource
{
    readonly QuestionImages _images = examples.Images!;

    public override void Load(ReadOnlySpan<int> positions, View view, HostBatch into)
    {
        base.Load(positions, view, into);
        var size = _images.Images.Size;
        var pixels = into.Float32(InputNames.PixelValues, [size.Channels, size.Height, size.Width]);
        for (var i = 0; i < positions.Length; i++)
            _images.Images.Fill(ImageOf(positions[i]), constants, pixels.Slice(i * size.Count, size.Count));
    }

    public (int Height, int Width, int Channels, byte[] Bytes) Image(int position)
    {
        var size = _images.Images.Size;
        return (size.Height, size.Width, size.Channels, _images.Images.Interleaved(ImageOf(position)));
    }

    int ImageOf(int position) => _images.Of[Row(position)];
}
