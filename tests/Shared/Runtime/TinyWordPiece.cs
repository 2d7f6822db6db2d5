using Retort.Runtime.Features.Text;

namespace Retort.Tests.Runtime;

/// <summary>A tokenizer of a few words, and folders of it.</summary>
static class TinyWordPiece
{
    public static readonly string[] Vocabulary =
    [
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "un", "##aff", "##able", "cafe", "##s", "it", "'", "s",
        "`", "$", "=", ";", "[", "]", "mask", "ab", "x", "##x", "i", "i\u0307", "东", "京", "\u1112", "##\u1161",
        "##\u11ab", "😀", "Caf\u00e9", "caf\u00e9", ".", "\U000242ee",
    ];

    public static WordPieceTokenizer Tokenizer { get; } = new(Vocabulary);

    /// <summary>A new folder with these of the tokenizer's files, or all.</summary>
    public static string Folder(params string[] names)
    {
        var folder = Contract.Few.Folder();
        foreach (var (name, content) in Tokenizer.Files())
            if (names.Length == 0 || names.Contains(name))
                File.WriteAllBytes(Path.Combine(folder, name), content);
        return folder;
    }
}
