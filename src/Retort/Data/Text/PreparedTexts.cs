using System.Security.Cryptography;
using Retort.Runtime.Features.Text;

namespace Retort.Data.Text;

/// <summary>Texts as token ids, by a tokenizer that is pretrained or learned from the training split.</summary>
sealed class PreparedTexts : PreparedExamples
{
    readonly TextExamples _examples;
    readonly WordPieceTokenizer _tokenizer;
    readonly int _maxTokens;

    public PreparedTexts(TextExamples examples, TextDataOptions options, int[] training)
    {
        _examples = examples;
        _maxTokens = options.MaxTokens;
        _tokenizer = options.Tokenizer.Open(training.Select(row => examples.Rows[row])
            .SelectMany(row => row.Second is null ? [row.Text] : new[] { row.Text, row.Second }));
        Encoded = new(new EncodedText[examples.Rows.Count], _tokenizer.PadId);
        Parallel.For(0, Encoded.Rows.Length, row => Encoded.Rows[row] = Encode(examples.Rows[row]));
        var settings = _tokenizer.Settings with { ModelMaxLength = _maxTokens };
        StudentFiles =
        [
            .. WordPieceFiles.Make(_tokenizer.Vocabulary, settings)
                .Select(file => new StudentFile(file.Name, file.Content)),
        ];
        var size = _tokenizer.VocabularySize;
        Info = new()
        {
            Targets = examples.Targets,
            Classes = examples.Classes,
            Columns = examples.Columns,
            UsualScore = examples.UsualScore,
            Inputs =
            [
                TensorSpec.Tokens(InputNames.InputIds, _maxTokens, size),
                TensorSpec.Tokens(InputNames.AttentionMask, _maxTokens),
                TensorSpec.Tokens(InputNames.TokenTypeIds, _maxTokens),
            ],
        };
    }

    public override DatasetInfo Info { get; }

    /// <summary>All rows as token ids.</summary>
    public EncodedTexts Encoded { get; }

    public override IReadOnlyList<string> Notes
    {
        get
        {
            var (cut, all) = (Encoded.Rows.Count(text => text.IsCut), Encoded.Rows.Length);
            return cut == 0 ? []
                : [Invariant($"{cut} of {all} texts are longer than {_maxTokens} tokens (maxTokens) and are cut")];
        }
    }

    public override IReadOnlyList<StudentFile> StudentFiles { get; }

    public override string HashHead => Invariant($"{InputNames.InputIds} {_tokenizer.VocabularySize} {_maxTokens}");

    public override IEnumerable<string> HashTail =>
        StudentFiles.Select(file => $"{file.Name} {Convert.ToHexStringLower(SHA256.HashData(file.Content))}");

    public override ExampleSplit SplitOf(SplitRows rows, SplitUse use) =>
        new TextSplit(_examples, rows, Info, Encoded);

    EncodedText Encode(TextRow row)
    {
        var ids = new long[2 * (_maxTokens + 1)];                           // one more shows whether the text is cut
        var types = ids.AsSpan(_maxTokens + 1);
        var count = _tokenizer.Encode(row.Text, row.Second, ids.AsSpan(0, _maxTokens + 1), types);
        var isCut = count > _maxTokens;
        if (isCut) count = _tokenizer.Encode(row.Text, row.Second, ids.AsSpan(0, _maxTokens), types);
        var second = types[..count].IndexOf(1);
        return new(Array.ConvertAll(ids[..count], id => (int)id), second < 0 ? count : second, isCut);
    }
}
