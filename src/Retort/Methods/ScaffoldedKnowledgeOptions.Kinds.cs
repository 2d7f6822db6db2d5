namespace Retort.Methods;

/// <remarks>This file: the choices.</remarks>
public sealed partial record ScaffoldedKnowledgeOptions
{
    /// <summary>Which objective is minimized.</summary>
    public enum Objective
    {
        /// <summary>The paper's: all classes get help, and the budget is a mean over the batch.</summary>
        Paper,

        /// <summary>
        /// That of the authors' code for CIFAR-100: a target of K classes, and a budget for each wrong prediction.
        /// </summary>
        Released,
    }

    /// <summary>The guide g.</summary>
    public enum GuideKind
    {
        /// <summary>An MLP of two hidden layers on the teacher's embedding.</summary>
        Embedding,

        /// <summary>A linear layer on the teacher's standardized embedding.</summary>
        Linear,

        /// <summary>The same g for all examples: an ablation.</summary>
        Constant,

        /// <summary>g is 1 for examples drawn once, and 0 for the others: an ablation.</summary>
        Random,
    }

    /// <summary>The teacher's logits of the classes that the target leaves out, before its softmax.</summary>
    public enum MaskedLogits
    {
        /// <summary>The row's smallest logit.</summary>
        RowMinimum,

        /// <summary>0.</summary>
        Zero,
    }

    /// <summary>The class that an example's hardness is about.</summary>
    public enum HardnessClass
    {
        /// <summary>The label.</summary>
        Label,

        /// <summary>The teacher's most probable class.</summary>
        Teacher,
    }
}
