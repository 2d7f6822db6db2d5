namespace Retort.Contracts;

/// <summary>The names of inputs in Hugging Face and ONNX graphs.</summary>
public static class InputNames
{
    /// <summary>Images. [B, C, H, W] float32</summary>
    public const string PixelValues = "pixel_values";

    /// <summary>The columns of a table. [B, D] float32</summary>
    public const string Features = "features";

    /// <summary>Token ids. [B, T] int64</summary>
    public const string InputIds = "input_ids";

    /// <summary>The vectors of words, zeros after the last. [B, T, D] float32</summary>
    public const string InputsEmbeds = "inputs_embeds";

    /// <summary>1 for a token, 0 for padding. [B, T] int64</summary>
    public const string AttentionMask = "attention_mask";

    /// <summary>Which of two texts a token belongs to. [B, T] int64</summary>
    public const string TokenTypeIds = "token_type_ids";

    /// <summary>A waveform. [B, samples] float32</summary>
    public const string InputValues = "input_values";

    /// <summary>Spectrograms, as images of one channel. [B, 1, bins, frames] float32</summary>
    public const string InputFeatures = "input_features";

    /// <summary>What a policy sees of an environment's state. [B, D] float32</summary>
    public const string Observation = "observation";
}
