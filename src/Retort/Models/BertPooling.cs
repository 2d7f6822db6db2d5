namespace Retort.Models;

/// <summary>How the vectors of a text's tokens become one.</summary>
public enum BertPooling
{
    /// <summary>The last vector of the first token, [CLS].</summary>
    Cls,

    /// <summary>
    /// tanh of a linear layer of the last vector of [CLS], as in Hugging Face's BertForSequenceClassification.
    /// </summary>
    Pooler,

    /// <summary>The mean of the last vectors of all tokens, as in sentence encoders.</summary>
    Mean,
}
