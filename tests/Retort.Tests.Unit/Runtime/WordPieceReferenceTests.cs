using System.IO.Compression;
using System.Text.Json;
using Retort.Data;
using Retort.Runtime.Features.Text;

namespace Retort.Tests.Runtime;

/// <summary>
/// The ids that Hugging Face's tokenizers library gives for 12,135 sentences with the vocabulary of all-MiniLM-L6-v2,
/// if the cache of data sets has them; RETORT_DATA names another folder.
/// </summary>
public sealed class WordPieceReferenceTests
{
    sealed record Sentence(string Text, long[] Ids);

    [Fact]
    public void All_sentences_have_the_ids_of_the_reference()
    {
        var tokenizer = WordPieceTokenizer.Open(Folder());
        var sentences = Sentences().ToList();
        Assert.Equal(12_135, sentences.Count);
        Assert.Empty(sentences.Where(one => !tokenizer.EncodeWithoutSpecialTokens(one.Text).SequenceEqual(one.Ids))
            .Select(one => one.Text));
    }

    [Fact]
    public void A_folder_that_was_written_anew_gives_the_same()
    {
        var folder = Contract.Few.Folder();
        foreach (var (name, content) in WordPieceTokenizer.Open(Folder()).Files())
            File.WriteAllBytes(Path.Combine(folder, name), content);
        var tokenizer = WordPieceTokenizer.Open(folder);
        Assert.Equal(512, tokenizer.Settings.ModelMaxLength);
        Assert.All(Sentences().Skip(10_000), one =>
            Assert.Equal(one.Ids, tokenizer.EncodeWithoutSpecialTokens(one.Text)));
        Assert.Equal(
            File.ReadAllText(Path.Combine(Folder(), "vocab.txt")).Trim(),
            File.ReadAllText(Path.Combine(folder, "vocab.txt")).Trim());
    }

    static string Folder()
    {
        var folder = Path.Combine(CacheFolders.Data, "minilm");
        Assert.SkipUnless(
            File.Exists(Path.Combine(folder, "wordpiece.jsonl.gz")),
            $"{folder} has no wordpiece.jsonl.gz; RETORT_DATA can name the folder that has minilm.");
        return folder;
    }

    static IEnumerable<Sentence> Sentences()
    {
        using var file = File.OpenRead(Path.Combine(Folder(), "wordpiece.jsonl.gz"));
        using var reader = new StreamReader(new GZipStream(file, CompressionMode.Decompress));
        while (reader.ReadLine() is { } line)
            yield return JsonSerializer.Deserialize<Sentence>(line, JsonSerializerOptions.Web)!;
    }
}
