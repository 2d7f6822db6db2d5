using System.Text;
using Retort.Data;
using Retort.Data.Text;

namespace Retort.Tests.Data;

/// <summary>Texts as vectors of their words.</summary>
public sealed class WordVectorTests
{
    const string Texts = "text\tlabel\nGood  film\tyes\nbad film film\tno\ngood\tyes\nbad\tno\ngood good\tyes\n"
        + "bad bad\tno\nfilm good\tyes\nfilm bad\tno\ngood film\tyes\nbad film\tno\n";

    [Fact] // "unseen" is in no training text, and "the" has no vector
    public void Each_word_gets_its_vector_and_what_has_none_is_zeros()
    {
        var data = Open("2 2\ngood 1 2\nunseen 9 9\nfilm 3 4\nbad -1 .5\n");
        Assert.Equal([4, 2], data.Info.Inputs[0].Shape);
        Assert.Equal(["good", "film", "bad"], data.Words!.Words);
        var host = Loaded(data, "bad film film");
        Assert.Equal([-1, .5f, 3, 4, 3, 4, 0, 0], host.Float32(InputNames.InputsEmbeds, [4, 2]).ToArray());

        host = Loaded(data, "good");
        Assert.Equal([1, 2, 0, 0, 0, 0, 0, 0], host.Float32(InputNames.InputsEmbeds, [4, 2]).ToArray());
        Assert.Equal("film", data.Words.Nearest([2.5f, 3]));
    }

    [Theory]
    [InlineData("good 1 2\nfilm 3\n", ", line 2: a line must have 2 numbers, as the first; it has 1.")]
    [InlineData("good 1 two\n", ", line 1: a line must have finite numbers; one is \"two\".")]
    [InlineData("good 1 NaN\n", ", line 1: a line must have finite numbers; one is \"NaN\".")]
    [InlineData("good\n", ", line 1: a line must be a word and its numbers, with spaces between.")]
    [InlineData("bon 1 2\n", " has no vector of a word of the training texts: is it a file of word vectors in this "
        + "language?")]
    public void A_file_that_is_no_table_of_vectors_is_refused(string vectors, string sentence) =>
        Assert.EndsWith(sentence, Assert.Throws<InvalidDataException>(() => Open(vectors)).Message,
            StringComparison.Ordinal);

    [Fact] // as in GloVe's file of 840 billion tokens: ". ." is one word
    public void A_word_may_have_spaces_in_it() => Assert.Equal(
        ["good", "film", "bad"], Open("good 1 2\n. . 9 9\nfilm 3 4\nbad -1 .5\n").Words!.Words);

    [Fact]
    public void The_hash_follows_the_vectors()
    {
        Assert.Equal(Open("good 1 2\nfilm 3 4\n").Hash, Open("good 1 2\nfilm 3 4\nother 5 6\n").Hash);
        Assert.NotEqual(Open("good 1 2\nfilm 3 4\n").Hash, Open("good 1 2\nfilm 3 5\n").Hash);
    }

    // whatever split it is in
    static HostBatch Loaded(Dataset data, string text)
    {
        var (split, position) = (
            from one in (IDataSplit[])[data.Training, data.Validation, data.Test]
            from i in Enumerable.Range(0, one.Count)
            where one.TextOf(i) == text
            select (one, i)).First();
        var host = new HostBatch();
        split.Load([position], View.Plain, host);
        return host;
    }

    static Dataset Open(string vectors)
    {
        var folder = DataFiles.OnDisk(new Dictionary<string, byte[]>
        {
            ["texts.tsv"] = Encoding.UTF8.GetBytes(Texts), ["vectors.txt"] = Encoding.UTF8.GetBytes(vectors),
        });
        return new TextOptions
        {
            Path = Path.Combine(folder, "texts.tsv"), MaxTokens = 4, Validation = 2, Test = 2,
            Tokenizer = new WordVectorsOptions { Path = Path.Combine(folder, "vectors.txt") },
        }.Open();
    }
}
