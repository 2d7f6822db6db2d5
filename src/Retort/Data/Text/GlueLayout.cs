namespace Retort.Data.Text;

/// <summary>The files and columns of a task of GLUE, as published.</summary>
/// <param name="Columns">The columns of its files.</param>
/// <param name="DevFile">The file of its development set.</param>
/// <param name="Classes">The classes in GLUE's order; null where the targets are values.</param>
/// <param name="Score">GLUE's metric, as <c>primary</c> of a task; null for accuracy.</param>
sealed record GlueLayout(
    TextColumns Columns, string DevFile, IReadOnlyList<string>? Classes, string? Score = null)
{
    const string Dev = "dev.tsv";

    static readonly string[] s_binary = ["0", "1"];
    static readonly string[] s_entailment = ["entailment", "not_entailment"];

    /// <summary>The layout of a task.</summary>
    /// <param name="task">The task.</param>
    /// <param name="isMismatched">Whether MNLI's development set is of other genres than its training set.</param>
    public static GlueLayout Of(GlueTask task, bool isMismatched) => task switch
    {
        GlueTask.Cola => new(new("4", null, "2", null, Header: false), Dev, s_binary, "mcc"),
        GlueTask.Sst2 => new(new("sentence", null, "label", null), Dev, s_binary),
        GlueTask.Mrpc => new(new("#1 String", "#2 String", "Quality", null), Dev, s_binary, "f1"),
        GlueTask.Stsb => new(new("sentence1", "sentence2", null, "score"), Dev, null, "spearman"),
        GlueTask.Qqp => new(new("question1", "question2", "is_duplicate", null), Dev, s_binary),
        GlueTask.Mnli => new(new("sentence1", "sentence2", "gold_label", null),
            isMismatched ? "dev_mismatched.tsv" : "dev_matched.tsv", ["entailment", "neutral", "contradiction"]),
        GlueTask.Qnli => new(new("question", "sentence", "label", null), Dev, s_entailment),
        GlueTask.Rte => new(new("sentence1", "sentence2", "label", null), Dev, s_entailment),
        _ => new(new("sentence1", "sentence2", "label", null), Dev, s_binary),
    };
}
