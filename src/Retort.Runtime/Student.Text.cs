using Retort.Runtime.Features.Text;

namespace Retort.Runtime;

/// <remarks>Texts: the tokenizer of the student's folder makes the graph's inputs.</remarks>
public sealed partial class Student
{
    readonly WordPieceTokenizer? _tokenizer;

    /// <summary>Whether the student takes texts alone: the folder has a tokenizer.</summary>
    public bool TakesTexts => _tokenizer is not null && !TakesQuestions;

    /// <summary>The tokenizer of the folder.</summary>
    /// <exception cref="InvalidOperationException">The student takes no texts.</exception>
    public WordPieceTokenizer Tokenizer => _tokenizer ?? throw new InvalidOperationException(
        $"{_config.Folder} has no tokenizer: this student takes {string.Join(", ", Inputs)}.");

    /// <summary>Predicts the class of a text, or of a pair of texts.</summary>
    /// <param name="text">The text. It is cut where it has more tokens than those of the training data.</param>
    /// <param name="second">The second text of a pair.</param>
    /// <exception cref="InvalidOperationException">The student takes no texts, or does not classify.</exception>
    public Prediction Predict(string text, string? second = null) => MostLikely(Probabilities(text, second));

    /// <summary>The probability of each class of a text, or of each label.</summary>
    /// <inheritdoc cref="Predict(string, string)"/>
    public float[] Probabilities(string text, string? second = null)
    {
        CheckHasProbabilities();
        return ToProbabilities(Logits(text, second));
    }

    /// <summary>The logits of a text; of a regression its values.</summary>
    /// <inheritdoc cref="Predict(string, string)"/>
    public float[] Logits(string text, string? second = null) => Compute(text, second, StudentConfig.Logits);

    /// <summary>The embedding of a text, of a student that was exported with this output.</summary>
    /// <inheritdoc cref="Predict(string, string)"/>
    public float[] Embedding(string text, string? second = null) => Compute(text, second, StudentConfig.Embedding);

    float[] Compute(string text, string? second, string output) =>
        Run(InputsOf(text, second), output)[output].Values<float>().ToArray();

    // in place
    float[] ToProbabilities(float[] logits)
    {
        if (Task == "multi-label") System.Numerics.Tensors.TensorPrimitives.Sigmoid(logits, logits);
        else Softmax(logits);
        return logits;
    }

    /// <summary>The graph's inputs of tokens for a text, or for a pair of texts.</summary>
    internal IReadOnlyList<NamedTensor> InputsOf(string text, string? second)
    {
        var encoding = Tokenizer.Encode(text, second, _config.MaxTokens);
        var length = encoding.Ids.Length;
        var mask = new long[length];
        mask.AsSpan().Fill(1);
        var inputs = Inputs.Where(input => input.ElementType == typeof(long));
        return [.. inputs.Select(input => NamedTensor.Of<long>(input.Name, input.Name switch
        {
            "attention_mask" => mask,
            "token_type_ids" => encoding.TokenTypeIds,
            _ => encoding.Ids,
        }, 1, length))];
    }
}
