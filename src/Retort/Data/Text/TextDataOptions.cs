namespace Retort.Data.Text;

/// <summary>Options that all readers of texts share: tokenizer, length, texts without labels.</summary>
public abstract record TextDataOptions : FileDataOptions
{
    /// <summary>The tokenizer of student and teacher.</summary>
    public TokenizerOptions Tokenizer { get; init; } = new LearnedTokenizerOptions();

    /// <summary>
    /// The most tokens of an example, [CLS] and [SEP] among them. Longer texts are cut at their end, of a pair the
    /// longer one first.
    /// </summary>
    [Between(4, 8192)] public int MaxTokens { get; init; } = 128;

    /// <summary>
    /// A file of more training texts, without labels, in the same columns; of a file without columns each line is a
    /// text. The student learns from the teacher's outputs for them; a teacher that the recipe trains, and the control,
    /// do not get them.
    /// </summary>
    [RecipePath] public string? Unlabelled { get; init; }

    public override OptionError? Validate() => base.Validate()
        ?? (Unlabelled is { } path ? DataPath.Check(nameof(Unlabelled), path) : null);

    /// <summary>Refuses a file that is named for two splits.</summary>
    private protected static void CheckDiffer(params IReadOnlyList<string?> paths)
    {
        var twice = paths.OfType<string>().GroupBy(System.IO.Path.GetFullPath)
            .FirstOrDefault(group => group.Count() > 1);
        if (twice is not null) throw new InvalidDataException(
            $"{twice.Key} must be the file of one split; it is named for {twice.Count()}.");
    }

    internal override PreparedExamples Prepare(Examples examples, int[] training) =>
        Tokenizer is WordVectorsOptions vectors
            ? vectors.Prepare((TextExamples)examples, MaxTokens, MemoryLimit, training)
            : new PreparedTexts((TextExamples)examples, this, training);
}
