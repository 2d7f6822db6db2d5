namespace Retort.Tasks;

/// <summary>The scores that can be primary in a multi-label run.</summary>
public enum MultiLabelScore
{
    /// <summary>The mean over labels of the area under the precision-recall curve.</summary>
    MacroAuprc,

    /// <summary>The area under the precision-recall curve of all labels together.</summary>
    MicroAuprc,

    /// <summary>The mean over labels of F1 at a probability of ½.</summary>
    MacroF1,

    /// <summary>F1 of all labels together at a probability of ½.</summary>
    MicroF1,
}
