namespace Retort.Data.Text;

/// <summary>The tasks of GLUE (Wang et al. 2019, arXiv:1804.07461).</summary>
public enum GlueTask
{
    /// <summary>CoLA: is a sentence acceptable? Scored by <c>mcc</c>.</summary>
    Cola,

    /// <summary>SST-2: is a phrase positive?</summary>
    Sst2,

    /// <summary>MRPC: do two sentences mean the same? Scored by <c>f1</c>.</summary>
    Mrpc,

    /// <summary>
    /// STS-B: how similar are two sentences, from 0 to 5? Values, for the task <c>regression</c>; scored by
    /// <c>spearman</c>.
    /// </summary>
    Stsb,

    /// <summary>QQP: do two questions ask the same?</summary>
    Qqp,

    /// <summary>MNLI: does a sentence follow from another, contradict it, or neither?</summary>
    Mnli,

    /// <summary>QNLI: does a sentence answer a question?</summary>
    Qnli,

    /// <summary>RTE: does a sentence follow from a text?</summary>
    Rte,

    /// <summary>WNLI: is a pronoun resolved rightly?</summary>
    Wnli,
}
