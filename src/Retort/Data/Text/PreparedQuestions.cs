namespace Retort.Data.Text;

/// <summary>Questions about images: token ids, and pixels normalized by the training split.</summary>
sealed class PreparedQuestions : PreparedExamples
{
    readonly TextExamples _examples;
    readonly PreparedTexts _texts;
    readonly Normalization _normalization;
    readonly float[] _constants;

    /// <param name="examples">The questions; they have images.</param>
    /// <param name="options">Tokenizer and length.</param>
    /// <param name="given">The normalization of pixels; null: that of the training images.</param>
    /// <param name="training">The rows of the training split.</param>
    public PreparedQuestions(
        TextExamples examples, TextDataOptions options, Normalization? given, int[] training)
    {
        _examples = examples;
        _texts = new(examples, options, training);
        var questions = examples.Images!;
        var images = questions.Images;
        _normalization = given is null
            ? images.Measure([.. training.Select(row => questions.Of[row]).Distinct()])
            : PreparedNumbers.Checked(given, images.Size.Channels, options.Path).Over(images.White!.Value);
        _constants = images.Constants(_normalization);
        var pixels = TensorSpec.PixelValues(images.Size.Channels, images.Size.Height, images.Size.Width);
        Info = _texts.Info with
        {
            Columns = null,
            Inputs = [.. _texts.Info.Inputs, pixels with { Normalization = _normalization }],
        };
    }

    public override DatasetInfo Info { get; }

    public override IReadOnlyList<string> Notes => _texts.Notes;

    public override IReadOnlyList<StudentFile> StudentFiles => _texts.StudentFiles;

    public override string HashHead
    {
        get
        {
            var size = _examples.Images!.Images.Size;
            return Invariant($"{_texts.HashHead} {InputNames.PixelValues} {size.Channels} {size.Height} {size.Width}");
        }
    }

    public override IEnumerable<string> HashTail => _texts.HashTail.Concat(PreparedNumbers.Texts(_normalization));

    public override ExampleSplit SplitOf(SplitRows rows, SplitUse use) =>
        new QuestionSplit(_examples, rows, Info, _texts.Encoded, _constants);
}
