namespace Retort.Runtime;

/// <remarks>Questions about images: the tokenizer of the student's folder, and pixels.</remarks>
public sealed partial class Student
{
    /// <summary>Whether the student takes an image and a text, such as a question about the image.</summary>
    public bool TakesQuestions => _tokenizer is not null && _config is { Image: not null, Single: null };

    /// <summary>Predicts the class of an image and a text: the answer to a question about the image.</summary>
    /// <param name="image">
    /// Pixels from 0 to 1, [C, H, W] of <see cref="ImageSize"/>, as <see cref="Features.ImageLoader"/> makes them.
    /// </param>
    /// <param name="question">The text. It is cut where it has more tokens than those of the training data.</param>
    /// <exception cref="InvalidOperationException">The student takes other inputs, or does not classify.</exception>
    /// <exception cref="ArgumentException">The image has another size, or other values.</exception>
    public Prediction Predict(ReadOnlySpan<float> image, string question) => MostLikely(Probabilities(image, question));

    /// <summary>The probability of each class of an image and a text, or of each label.</summary>
    /// <inheritdoc cref="Predict(ReadOnlySpan{float}, string)"/>
    public float[] Probabilities(ReadOnlySpan<float> image, string question)
    {
        CheckHasProbabilities();
        return ToProbabilities(Logits(image, question));
    }

    /// <summary>The logits of an image and a text; of a regression its values.</summary>
    /// <inheritdoc cref="Predict(ReadOnlySpan{float}, string)"/>
    public float[] Logits(ReadOnlySpan<float> image, string question) =>
        Run(InputsOf(image, question), StudentConfig.Logits)[StudentConfig.Logits].Values<float>().ToArray();

    /// <summary>The graph's inputs for an image and a text.</summary>
    internal IReadOnlyList<NamedTensor> InputsOf(ReadOnlySpan<float> image, string question)
    {
        if (!TakesQuestions) throw new InvalidOperationException(
            $"{_config.Folder} takes no image with a text: it takes {string.Join(", ", Inputs)}.");
        var size = ImageSize;
        if (image.Length != size.Count) throw new ArgumentException(
            Invariant($"The image of one example are {size.Count} numbers ({size}); {image.Length} came."),
            nameof(image));
        CheckRange(image);
        var pixels = NamedTensor.Of(_config.Image!.Name, image, 1, size.Channels, size.Height, size.Width);
        return [.. InputsOf(question, null), pixels];
    }
}
